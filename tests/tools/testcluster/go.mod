module github.com/wandb/terraform-provider-wandb/tests/tools/testcluster

go 1.26
