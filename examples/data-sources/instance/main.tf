terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}

# An instance that another configuration, or another team, looks after.
data "wandb_instance" "this" {
  namespace = "wandb"
  name      = "wandb"
}

output "url" {
  value = data.wandb_instance.this.url
}

# What does not run yet, and why.
output "missing" {
  value = {
    for workload, state in data.wandb_instance.this.workloads :
    workload => state.reason if state.reason != ""
  }
}
