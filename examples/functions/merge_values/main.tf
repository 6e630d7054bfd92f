terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}

output "values" {
  value = provider::wandb::merge_values(
    { app = { replicaCount = 2 } },
    { app = { replicaCount = 1, image = { tag = "0.79.0" } } },
  )
}
