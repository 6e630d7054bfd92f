# Weights & Biases on any Kubernetes cluster: the operator, and one instance.

terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}

variable "kubeconfig" {
  description = "Path of the kubeconfig of the cluster to install into."
  type        = string
}

variable "host" {
  description = "URL under which users will reach W&B."
  type        = string
  default     = "https://wandb.example.com"
}

variable "bucket" {
  description = "Name of the S3 bucket for artifacts and files."
  type        = string
  default     = "example-wandb-files"
}

provider "wandb" {
  config_path = var.kubeconfig
}

resource "wandb_operator" "this" {}

resource "wandb_instance" "this" {
  operator = wandb_operator.this.id
  host     = var.host

  # Passwords stay in Kubernetes Secrets; the chart only learns their names.
  mysql = {
    host            = "mysql.example.internal"
    port            = 3306
    database        = "wandb_local"
    user            = "wandb"
    password_secret = { name = "wandb-mysql", password_key = "MYSQL_PASSWORD" }
  }
  bucket = {
    provider = "s3"
    name     = var.bucket
    region   = "eu-central-1"
    secret = {
      name            = "wandb-bucket"
      access_key_name = "ACCESS_KEY"
      secret_key_name = "SECRET_KEY"
    }
  }
  ingress = {
    class       = "nginx"
    annotations = { "cert-manager.io/cluster-issuer" = "letsencrypt" }
  }
  components = {
    app = {
      resources = {
        requests = { cpu = "500m", memory = "1Gi" }
        limits   = { memory = "8Gi" }
      }
    }
  }

  # Whatever else the chart has, by its own names.
  values = {
    weave = { resources = { requests = { memory = "1Gi" } } }
  }

  # What the release channel serves, so that the plan of a create shows the specification that the
  # operator will use. Without it that plan shows this configuration only; once the instance
  # exists, the provider knows the channel's part itself and ignores this.
  release = jsondecode(file("${path.module}/release.json"))

  timeouts {
    create = "15m"
  }
}

output "url" {
  description = "Where W&B answers."
  value       = wandb_instance.this.url
}

output "ready" {
  description = "Whether W&B was seen running with this specification."
  value       = wandb_instance.this.ready
}

output "chart" {
  description = "The chart that the operator uses."
  value       = wandb_instance.this.effective_chart
}
