terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}

locals {
  registry = "registry.example.com/wandb"
}

data "wandb_images" "this" {
  chart = { version = "0.43.8" }
  values = {
    weave-trace = { install = true, image = { tag = "0.79.0" } }
    app         = { image = { tag = "0.79.0" } }
    console     = { image = { tag = "2.19.0" } }
    parquet     = { image = { tag = "0.79.0" } }
    weave       = { image = { tag = "0.79.0" } }
  }
  mirror_registry = local.registry
}

# One line for each image: skopeo copy docker://FROM docker://TO
output "copies" {
  value = [for from, to in data.wandb_images.this.mirror : "skopeo copy --all docker://${from} docker://${to}"]
}

output "charts" {
  value = data.wandb_images.this.charts
}

# What each place of the values says; `operator` is the operator's own image.
output "by_path" {
  value = data.wandb_images.this.by_path
}
