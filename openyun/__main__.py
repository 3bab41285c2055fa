from openyun.cli.main import yun

yun()
