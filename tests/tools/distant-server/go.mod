module github.com/wandb/terraform-provider-wandb/tests/tools/distant-server

go 1.26
