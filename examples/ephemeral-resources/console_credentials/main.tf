terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
    kubernetes = {
      source = "hashicorp/kubernetes"
    }
  }
}

resource "wandb_instance" "this" {
  host = "https://wandb.example.com"
}

# Opened once the instance is ready, and stored nowhere.
ephemeral "wandb_console_credentials" "this" {
  instance = wandb_instance.this.id
}

# A copy for those who administer W&B, in no plan and no state either.
resource "kubernetes_secret_v1" "console" {
  metadata {
    name      = "wandb-console"
    namespace = "admins"
  }
  data_wo = {
    url      = ephemeral.wandb_console_credentials.this.console_url
    password = ephemeral.wandb_console_credentials.this.password
  }
  data_wo_revision = 1
}
