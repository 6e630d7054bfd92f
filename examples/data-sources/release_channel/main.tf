terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}

data "wandb_release_channel" "this" {
  # Without `file` the release channel's service is asked.
  file = "${path.module}/../../complete/release.json"
}

output "chart_version" {
  value = data.wandb_release_channel.this.release.chart.version
}
