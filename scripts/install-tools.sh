#!/usr/bin/env bash
# Puts the programs the tests run into one folder and prints that folder:
#
#   scripts/install-tools.sh            # everything
#   scripts/install-tools.sh kwok tofu  # only these
#   PATH="$(scripts/install-tools.sh):$PATH"
#   scripts/install-tools.sh --go        # prints the Go compiler that they are built with
#
# Each program is pinned by a Go module under tests/tools and built from source into
# <tools dir>/<name>-<hash>, where the hash covers all that decides about the result, so a
# second run has nothing to do. A program found in PATH (or in KUBEBUILDER_ASSETS) is used
# instead of a build only if it is exactly the pinned version.
set -euo pipefail

readonly go_minimum=1.26
readonly go_download=1.26.8

# name, folder under tests/tools, pinned module ("-": the folder's own sources), package in it.
# The order is the build order: what a test cluster needs comes first.
readonly catalogue='
etcd                    etcd             go.etcd.io/etcd/server/v3      .
kube-apiserver          kubernetes       k8s.io/kubernetes              cmd/kube-apiserver
kube-controller-manager kubernetes       k8s.io/kubernetes              cmd/kube-controller-manager
kube-scheduler          kubernetes       k8s.io/kubernetes              cmd/kube-scheduler
kubectl                 kubernetes       k8s.io/kubernetes              cmd/kubectl
kwok                    kwok             sigs.k8s.io/kwok               cmd/kwok
helm                    helm             helm.sh/helm/v3                cmd/helm
testcluster             testcluster      -                              .
operator-standin        operator-standin -                              .
api-proxy               api-proxy        -                              .
distant-server          distant-server   -                              .
tofu                    tofu             github.com/opentofu/opentofu   cmd/tofu
terraform               terraform        github.com/hashicorp/terraform .
'

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly sources=$PWD/tests/tools
tools=${WANDB_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-wandb/tools}
mkdir -p "$tools/bin" "$tools/logs"
tools=$(cd "$tools" && pwd)
readonly tools

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }
die() { say "error: $*"; exit 1; }

# The version of module $2 in the go.mod of folder $1.
pinned_version() {
  awk -v module="$2" '$1 == "require" { sub(/^require +/, "") }
    $1 == module { print $2; exit }' "$sources/$1/go.mod"
}

# Linker flags of folder $1. Charts look at the API server's version, and a plain build has none.
linker_flags() {
  local flags='-s -w'
  if [[ $1 == kubernetes ]]; then
    local version major minor
    version=$(pinned_version kubernetes k8s.io/kubernetes)
    IFS=. read -r major minor _ <<<"${version#v}"
    local x="-X k8s.io/component-base/version"
    flags+=" $x.gitVersion=$version $x.gitMajor=$major $x.gitMinor=$minor"
  fi
  echo "$flags"
}

# Hash of all that goes into the programs of folder $1; tests don't.
key_of() {
  (cd "$sources/$1"
   { linker_flags "$1"; uname -sm
     find . -type f ! -name '*_test.go' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
   } | sha256sum | cut -c1-12)
}

# Does the program at path $2 call itself exactly version $3 of program $1?
is_version() {
  local answer
  case $1 in
    kubectl)        answer=$("$2" version --client 2>/dev/null) ;;
    helm)           answer=$("$2" version --template '{{.Version}}' 2>/dev/null) ;;
    tofu|terraform) answer=$(CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null "$2" version 2>/dev/null) ;;
    *)              answer=$("$2" --version 2>/dev/null) ;;
  esac || return 1
  [[ " ${answer//$'\n'/ } " == *" ${3#v} "* || " ${answer//$'\n'/ } " == *" $3 "* ]]
}

# Prints a program of the pinned version that is already on this machine.
find_installed() {
  local name=$1 version=$2 folder
  local -a folders
  IFS=: read -ra folders <<<"${KUBEBUILDER_ASSETS:-}:$PATH"
  for folder in "${folders[@]}"; do
    [[ -n $folder && ! $folder -ef $tools/bin && -x $folder/$name ]] || continue
    if is_version "$name" "$folder/$name" "$version"; then
      echo "$folder/$name"
      return
    fi
  done
  return 1
}

# Sets GO to a new enough compiler, fetched if there is none.
find_go() {
  local have=''
  ! command -v go >/dev/null || have=$(GOTOOLCHAIN=local go env GOVERSION)
  if [[ -n $have && $(printf '%s\n' "$go_minimum" "${have#go}" | sort -V | head -1) == "$go_minimum" ]]; then
    GO=$(command -v go)
    return
  fi
  GO=$tools/go-$go_download/bin/go
  [[ ! -x $GO ]] || return 0
  if [[ -z $have ]]; then
    say "go: installing the distribution's, to fetch $go_download with it"
    local -a as_root=()
    [[ $(id -u) == 0 ]] || as_root=(sudo)
    "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends golang-go \
      >"$tools/logs/go.log" 2>&1 || { tail -20 "$tools/logs/go.log" >&2; die 'no Go compiler, and apt-get could not install one'; }
  fi
  say "go: fetching $go_download"
  local arch fetched
  case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) die "no Go toolchain known for $(uname -m)" ;; esac
  fetched=$(cd "$tools" && go mod download -json "golang.org/toolchain@v0.0.1-go$go_download.linux-$arch" |
    sed -n 's/^[[:space:]]*"Dir": "\(.*\)",\{0,1\}$/\1/p')
  [[ -d $fetched ]] || die "fetching Go $go_download failed"
  rm -rf "$tools/go.new"
  cp -r "$fetched" "$tools/go.new"
  # Files of a module arrive read-only and without x-bits.
  chmod -R u+w "$tools/go.new"
  chmod +x "$tools/go.new"/bin/* "$tools/go.new"/pkg/tool/*/*
  mv -T "$tools/go.new" "$tools/go-$go_download"
}

build() {
  local name=$1 folder=$2 package=$3 target=$4 began=$SECONDS
  local log=$tools/logs/$name.log
  [[ -n ${GO:-} ]] || find_go
  say "$name: building"
  rm -rf "$target.new"
  mkdir "$target.new"
  # The caller's Go settings (a workspace, vendoring, C toolchains) must not change the result.
  (cd "$sources/$folder" && GOFLAGS=-buildvcs=false GOWORK=off GOTOOLCHAIN=local CGO_ENABLED=0 \
    "$GO" build -trimpath -ldflags "$(linker_flags "$folder")" -o "$target.new/$name" "$package") \
    >"$log" 2>&1 || { tail -30 "$log" >&2; die "$name could not be built; the whole log is $log"; }
  rm -rf "$target"
  mv -T "$target.new" "$target"
  say "$name: built in $((SECONDS - began)) s"
}

# Is the program of this hash there? A link leads to somebody else's installation, which may have
# been upgraded since.
is_ready() {
  local name=$1 path=$2 version=$3
  [[ -x $path ]] && { [[ ! -L $path ]] || is_version "$name" "$path" "$version"; }
}

# Handles one line of the catalogue; with $check, answers only whether anything is to be done.
provide() {
  local name=$1 folder=$2 module=$3 package=$4 version='' found
  local target=$tools/$name-${keys[$folder]}
  [[ $module == - ]] || version=$(pinned_version "$folder" "$module")
  if ! is_ready "$name" "$target/$name" "$version"; then
    [[ -z $check ]] || return 1
    if [[ -n $version ]] && found=$(find_installed "$name" "$version"); then
      say "$name: using $found"
      mkdir -p "$target"
      ln -sfn "$found" "$target/$name"
    else
      [[ $module == - ]] || package=$module${package:+/$package}
      build "$name" "$folder" "${package%/.}" "$target"
      # Our own programs change often; what was not rebuilt for a week is left over.
      [[ $module != - ]] || find "$tools" -maxdepth 1 -name "$name-????????????" \
        ! -path "$target" -mtime +7 -exec rm -rf {} +
    fi
  fi
  if [[ $(readlink "$tools/bin/$name" || true) != "$target/$name" ]]; then
    # Renaming replaces the link in one step: somebody may be starting the program just now.
    ln -sfn "$target/$name" "$tools/bin/.$name.$$"
    mv -T "$tools/bin/.$name.$$" "$tools/bin/$name"
  fi
}

provide_all() {
  local check=$1 name folder module package
  while read -r name folder module package; do
    [[ -n $name && " $wanted " == *" $name "* ]] || continue
    [[ -n ${keys[$folder]:-} ]] || keys[$folder]=$(key_of "$folder")
    provide "$name" "$folder" "$module" "$package" || return 1
  done <<<"$catalogue"
}

# Of two runs at a time the second waits for the first.
lock() {
  exec 9>"$tools/.lock"
  flock -n 9 || { say 'waiting for another run of this script'; flock 9; }
}

if [[ ${1:-} == --go ]]; then
  lock
  find_go
  echo "$GO"
  exit
fi

declare -A keys=()
known=$(awk 'NF { printf "%s%s", separator, $1; separator = " " }' <<<"$catalogue")
wanted=${*:-$known}
for name in $wanted; do
  [[ " $known " == *" $name "* ]] || die "unknown tool $name; known: $known"
done

# Nothing to do is the common case, and needs no lock.
if ! provide_all check; then
  lock
  provide_all ''
fi
echo "$tools/bin"
