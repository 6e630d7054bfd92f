terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}

# The operator that a platform team has installed with Helm.
data "wandb_operator" "this" {
  namespace = "wandb-system"
}

resource "wandb_instance" "this" {
  operator  = data.wandb_operator.this.id
  airgapped = data.wandb_operator.this.airgapped
  host      = "https://wandb.example.com"
}
