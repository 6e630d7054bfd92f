module github.com/wandb/terraform-provider-wandb/tests/tools/api-proxy

go 1.26
