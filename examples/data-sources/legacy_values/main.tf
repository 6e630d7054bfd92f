terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}

# With `deployment` or `helm_release` in place of `env` the cluster is read.
data "wandb_legacy_values" "this" {
  env = {
    HOST   = "https://wandb.example.com"
    BUCKET = "gs://wandb-files"
    MYSQL  = "mysql://wandb:secret@mysql.example.com:3306/wandb_local"
  }
}

output "unmapped" {
  value = data.wandb_legacy_values.this.unmapped
}
