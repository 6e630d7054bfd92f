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
      host   = "https://wandb.example.com"
      bucket = { provider = "s3", name = "wandb-files", region = "us-east-1" }
      mysql  = { host = "mysql.example.com", passwordSecret = { name = "wandb-mysql" } }
    }
    mysql = { install = false }
  }
  release = jsondecode(file("${path.module}/../../complete/release.json"))

  # Ends a plan whose specification the operator would fail on.
  lifecycle {
    postcondition {
      condition     = length([for f in self.findings : f if f.severity == "error"]) == 0
      error_message = join("\n", [for f in self.findings : f.message if f.severity == "error"])
    }
  }
}

output "effective_values" {
  value = data.wandb_effective_spec.this.effective_values
}

# Warns of all of them, and ends nothing.
check "findings" {
  assert {
    condition     = length(data.wandb_effective_spec.this.findings) == 0
    error_message = join("\n", data.wandb_effective_spec.this.findings[*].message)
  }
}
