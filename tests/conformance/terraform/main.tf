# What the official provider must be able to make, see unchanged, change and destroy here.

terraform {
  required_providers {
    alicloud = { source = "aliyun/alicloud" }
  }
}

variable "prefix" {
  type = string
}

variable "changed" {
  type    = bool
  default = false
}

locals {
  name        = "${var.prefix}${var.changed ? "-changed" : ""}"
  description = var.changed ? "changed by terraform" : "made by terraform"
  tags        = var.changed ? { team = "red" } : { team = "blue", stage = "test" }
  trust = jsonencode({
    Version = "1"
    Statement = [{
      Action    = "sts:AssumeRole"
      Effect    = "Allow"
      Principal = { Service = ["ecs.aliyuncs.com"] }
    }]
  })
}

data "alicloud_zones" "usable" {
  available_resource_creation = "VSwitch"
}

data "alicloud_images" "debian" {
  owners      = "system"
  name_regex  = "^debian"
  most_recent = true
}

resource "alicloud_resource_manager_resource_group" "all" {
  resource_group_name = var.prefix
  display_name        = local.name
}

resource "alicloud_vpc" "main" {
  vpc_name          = local.name
  description       = local.description
  cidr_block        = "172.16.0.0/12"
  resource_group_id = alicloud_resource_manager_resource_group.all.id
  tags              = local.tags
}

resource "alicloud_vswitch" "main" {
  vpc_id       = alicloud_vpc.main.id
  zone_id      = data.alicloud_zones.usable.zones[0].id
  cidr_block   = "172.16.1.0/24"
  vswitch_name = local.name
  description  = local.description
  tags         = local.tags
}

resource "alicloud_security_group" "main" {
  security_group_name = local.name
  description         = local.description
  vpc_id              = alicloud_vpc.main.id
  inner_access_policy = var.changed ? "Drop" : "Accept"
  tags                = local.tags
}

resource "alicloud_security_group_rule" "ssh" {
  type              = "ingress"
  ip_protocol       = "tcp"
  policy            = "accept"
  port_range        = "22/22"
  priority          = 1
  security_group_id = alicloud_security_group.main.id
  cidr_ip           = "10.0.0.0/8"
  description       = local.description
}

resource "alicloud_security_group_rule" "out" {
  type              = "egress"
  ip_protocol       = "all"
  policy            = "drop"
  port_range        = "-1/-1"
  priority          = 100
  security_group_id = alicloud_security_group.main.id
  cidr_ip           = "198.51.100.0/24"
}

resource "alicloud_ecs_key_pair" "main" {
  key_pair_name = var.prefix
  tags          = local.tags
}

resource "alicloud_instance" "main" {
  instance_name              = local.name
  description                = local.description
  host_name                  = "made-by-it"
  image_id                   = data.alicloud_images.debian.images[0].id
  instance_type              = "ecs.g7.large"
  vswitch_id                 = alicloud_vswitch.main.id
  security_groups            = [alicloud_security_group.main.id]
  key_name                   = alicloud_ecs_key_pair.main.key_pair_name
  role_name                  = alicloud_ram_role.main.role_name
  system_disk_category       = "cloud_essd"
  system_disk_size           = 40
  internet_max_bandwidth_out = 0
  user_data                  = base64encode("#!/bin/sh\necho made by terraform\n")
  tags                       = local.tags
}

resource "alicloud_ecs_disk" "data" {
  disk_name   = local.name
  description = local.description
  zone_id     = alicloud_vswitch.main.zone_id
  category    = "cloud_essd"
  size        = var.changed ? 40 : 20
  tags        = local.tags
}

resource "alicloud_ecs_disk_attachment" "data" {
  disk_id     = alicloud_ecs_disk.data.id
  instance_id = alicloud_instance.main.id
}

resource "alicloud_nat_gateway" "main" {
  vpc_id           = alicloud_vpc.main.id
  vswitch_id       = alicloud_vswitch.main.id
  nat_gateway_name = local.name
  nat_type         = "Enhanced"
  payment_type     = "PayAsYouGo"
}

resource "alicloud_eip_address" "main" {
  address_name         = local.name
  description          = local.description
  bandwidth            = var.changed ? "10" : "5"
  internet_charge_type = "PayByTraffic"
  payment_type         = "PayAsYouGo"
  tags                 = local.tags
}

resource "alicloud_eip_association" "main" {
  allocation_id = alicloud_eip_address.main.id
  instance_id   = alicloud_nat_gateway.main.id
}

resource "alicloud_snat_entry" "main" {
  depends_on        = [alicloud_eip_association.main]
  snat_table_id     = alicloud_nat_gateway.main.snat_table_ids
  source_vswitch_id = alicloud_vswitch.main.id
  snat_ip           = alicloud_eip_address.main.ip_address
}

resource "alicloud_forward_entry" "main" {
  depends_on       = [alicloud_eip_association.main]
  forward_table_id = alicloud_nat_gateway.main.forward_table_ids
  external_ip      = alicloud_eip_address.main.ip_address
  external_port    = "80"
  ip_protocol      = "tcp"
  internal_ip      = alicloud_instance.main.private_ip
  internal_port    = "8080"
}

resource "alicloud_oss_bucket" "main" {
  bucket        = var.prefix
  force_destroy = true
  tags          = local.tags

  versioning {
    status = "Enabled"
  }

  server_side_encryption_rule {
    sse_algorithm = "AES256"
  }

  cors_rule {
    allowed_origins = ["https://a.example"]
    allowed_methods = ["GET", "PUT"]
    allowed_headers = ["authorization"]
    max_age_seconds = var.changed ? 200 : 100
  }

  lifecycle_rule {
    id      = "old"
    prefix  = "old/"
    enabled = true
    expiration {
      days = var.changed ? 60 : 30
    }
  }
}

resource "alicloud_oss_bucket_object" "greeting" {
  bucket  = alicloud_oss_bucket.main.bucket
  key     = "greeting.txt"
  content = local.description
}

resource "alicloud_ram_user" "main" {
  name         = var.prefix
  display_name = local.name
  comments     = local.description
  force        = true
}

resource "alicloud_ram_role" "main" {
  role_name                   = var.prefix
  description                 = local.description
  assume_role_policy_document = local.trust
  max_session_duration        = var.changed ? 7200 : 3600
  tags                        = local.tags
}

resource "alicloud_ram_policy" "main" {
  policy_name = var.prefix
  description = "made by terraform"
  force       = true
  policy_document = jsonencode({
    Version = "1"
    Statement = [{
      Action   = var.changed ? ["oss:Get*", "oss:List*"] : ["oss:Get*"]
      Effect   = "Allow"
      Resource = ["*"]
    }]
  })
}

resource "alicloud_ram_user_policy_attachment" "main" {
  user_name   = alicloud_ram_user.main.name
  policy_name = alicloud_ram_policy.main.policy_name
  policy_type = "Custom"
}

resource "alicloud_ram_role_policy_attachment" "main" {
  role_name   = alicloud_ram_role.main.role_name
  policy_name = alicloud_ram_policy.main.policy_name
  policy_type = "Custom"
}

output "vpc_id" {
  value = alicloud_vpc.main.id
}

output "address" {
  value = alicloud_eip_address.main.ip_address
}
