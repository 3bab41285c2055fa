"""`yun oss import`: copies a bucket from any S3 or OSS endpoint into this cloud."""
