terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}

data "wandb_effective_spec" "this" {
  values = {
    global = {
      host  = "https://wandb.example.com"
      mysql = { host = "mysql.example.com", passwordSecret = { name = "wandb-mysql" } }
    }
    mysql = { install = false }
  }
  release = jsondecode(file("${path.module}/../../complete/release.json"))
}

output "effective_values" {
  value = data.wandb_effective_spec.this.effective_values
}

# Ends a plan when something is wrong with the specification.
check "findings" {
  assert {
    condition     = length(data.wandb_effective_spec.this.findings) == 0
    error_message = join("\n", data.wandb_effective_spec.this.findings[*].message)
  }
}
