terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}

output "findings" {
  value = provider::wandb::effective_spec({
    values  = { global = { redis = { auth = { enabled = true } } } }
    release = jsondecode(file("${path.module}/../../complete/release.json"))
  }).findings
}
