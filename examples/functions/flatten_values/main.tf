terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}

output "leaves" {
  value = provider::wandb::flatten_values({ ingress = { tls = [{ secretName = "wandb-tls" }] } })
}
