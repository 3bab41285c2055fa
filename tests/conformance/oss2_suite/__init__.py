"""The oss2 SDK's own tests, taken from its source distribution and run unchanged against a server of ours."""
