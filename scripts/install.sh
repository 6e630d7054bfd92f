#!/usr/bin/env bash
# Puts a provider binary where `tofu init` and `terraform init` look for providers before they ask
# a registry, and prints how a configuration names it:
#
#   scripts/install.sh build/release/terraform-provider-wandb ~/.terraform.d/plugins
set -euo pipefail

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }
die() { say "error: $*"; exit 1; }

(($# == 2)) || die "usage: ${0##*/} BINARY PLUGIN_DIR"
readonly binary=$1 plugins=$2 name=terraform-provider-wandb
[[ -x $binary ]] || die "$binary is missing; run: make"
version=$("$binary" --version | awk '{ print $2 }')
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-dev)?$ ]] || die "$binary has no version"
# A lock file remembers the bytes of each version, so a development build of other bytes must be
# another version. The same bytes are the same version again.
if [[ $version == *-dev ]]; then
  version+=.sha-$(sha256sum <"$binary" | cut -c1-12)
fi
case $(uname -m) in
  x86_64) arch=amd64 ;;
  aarch64) arch=arm64 ;;
  *) die "no provider is made for $(uname -m)" ;;
esac

# A source address without a host means another registry for each of the two programs.
for host in registry.terraform.io registry.opentofu.org; do
  folder=$plugins/$host/wandb/wandb/$version/linux_$arch
  mkdir -p "$folder"
  # Renaming replaces a file that is being executed, too.
  install -m 755 "$binary" "$folder/.new"
  mv -T "$folder/.new" "$folder/${name}_v$version"
  say "$folder/${name}_v$version"
done

if [[ ! $plugins -ef ~/.terraform.d/plugins ]]; then
  cat <<RC
That folder is not searched by itself. Put this into ~/.tofurc or ~/.terraformrc:

provider_installation {
  filesystem_mirror {
    path    = "$(cd "$plugins" && pwd)"
    include = ["registry.opentofu.org/wandb/wandb", "registry.terraform.io/wandb/wandb"]
  }
  direct {
    exclude = ["registry.opentofu.org/wandb/wandb", "registry.terraform.io/wandb/wandb"]
  }
}

RC
fi
cat <<HCL
Name this very version in the configuration (a development build is chosen by no other
constraint), then run init, with -upgrade if another one was in use:

terraform {
  required_providers {
    wandb = {
      source  = "wandb/wandb"
      version = "$version"
    }
  }
}
HCL
