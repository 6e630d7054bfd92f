terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}

output "namespace" {
  value = provider::wandb::parse_instance_id("default/wandb").namespace
}
