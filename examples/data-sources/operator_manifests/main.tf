terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}

data "wandb_operator_manifests" "this" {
  namespace = "wandb"
  image     = { repository = "registry.example.com/wandb/controller" }
  airgapped = true
}

# For `kubectl apply --server-side --filename`, or for a repository that a GitOps tool watches.
output "yaml" {
  value = data.wandb_operator_manifests.this.yaml
}

# A policy that holds before anything is applied.
check "images" {
  assert {
    condition     = alltrue([for i in data.wandb_operator_manifests.this.images : startswith(i, "registry.example.com/")])
    error_message = "The operator is to come from our own registry."
  }
}

output "rights" {
  value = [for key, text in data.wandb_operator_manifests.this.objects : yamldecode(text).rules if startswith(key, "ClusterRole/")]
}
