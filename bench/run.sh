#!/usr/bin/env bash
# Start-up, memory, size, and the time of plan and apply, beside a floor: the same number of
# terraform_data resources, which need no provider process and no cluster. Medians of RUNS (3).
#
#   bench/run.sh           # for 1 and 100 instances
#   SIZES="1 10" RUNS=1 bench/run.sh
#
# Expects build/release. The cluster is a control plane on 127.0.0.1 without an operator, and the
# instances have wait = false: what is measured is the provider, not W&B.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly provider=$PWD/build/release/terraform-provider-wandb
readonly runs=${RUNS:-3} starts=${STARTS:-21}
read -ra sizes <<<"${SIZES:-1 100}"

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }
die() { say "error: $*"; exit 1; }

[[ -x $provider ]] || die "$provider is missing; run: make"
PATH=$(scripts/install-tools.sh kubectl tofu etcd kube-apiserver kube-controller-manager \
  kube-scheduler kwok testcluster):$PATH
export PATH

work=$(mktemp -d "${TMPDIR:-/tmp}/wandb-bench.XXXXXX")
cluster_pid=''
cleanup() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP
  if [[ -n $cluster_pid ]]; then
    kill "$cluster_pid" 2>/dev/null || true
    wait "$cluster_pid" 2>/dev/null || true
  fi
  rm -rf "$work"
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

unset "${!TF_@}" "${!KUBE_@}"
export TF_CLI_CONFIG_FILE=$work/tofu.rc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
# The provider's socket, too, is in the folder that goes at the end, even if it is killed.
export TMPDIR=$work
export TF_VAR_kubeconfig=$work/cluster/kubeconfig
# The binary of a release is stripped.
mkdir "$work/bin"
strip --strip-all -o "$work/bin/terraform-provider-wandb" "$provider"
cat >"$TF_CLI_CONFIG_FILE" <<RC
provider_installation {
  dev_overrides {
    "wandb/wandb" = "$work/bin"
  }
  direct {}
}
RC

microseconds() { local t=$EPOCHREALTIME; echo "${t/[.,]/}"; }
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
seconds() { awk -v us="$1" 'BEGIN { printf "%.2f s", us / 1e6 }'; }
row() { printf '%-46s %12s   %s\n' "$1" "$2" "${3:-}"; }

# Microseconds from exec until the handshake line is there. The shell's fork is part of it.
start_once() {
  local began ended line fd pid
  began=${EPOCHREALTIME/[.,]/}
  exec {fd}< <(exec env TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2 \
    PLUGIN_PROTOCOL_VERSIONS=6 "$work/bin/terraform-provider-wandb" 2>/dev/null)
  pid=$!
  read -r line <&"$fd" || die 'no handshake'
  ended=${EPOCHREALTIME/[.,]/}
  [[ $line == '1|6|unix|'* ]] || die "unexpected handshake: $line"
  kill "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  exec {fd}<&-
  echo $((ended - began))
}
# The same without a provider: what the measuring itself takes.
start_nothing() {
  local began ended line fd pid
  began=${EPOCHREALTIME/[.,]/}
  exec {fd}< <(exec env A=1 B=2 /bin/echo ready)
  pid=$!
  read -r line <&"$fd"
  ended=${EPOCHREALTIME/[.,]/}
  wait "$pid" 2>/dev/null || true
  exec {fd}<&-
  echo $((ended - began))
}

say "start to handshake, $starts times"
for ((i = 0; i < starts; i++)); do start_once >>"$work/starts"; start_nothing >>"$work/nothing"; done
handshake=$(median <"$work/starts")
nothing=$(median <"$work/nothing")

say 'cluster'
testcluster --dir "$work/cluster" >"$work/cluster.out" 2>"$work/cluster.err" &
cluster_pid=$!
deadline=$((SECONDS + 120))
until grep -q '^ready ' "$work/cluster.out"; do
  kill -0 "$cluster_pid" 2>/dev/null || { cat "$work/cluster.err" >&2; die 'the test cluster did not start'; }
  ((SECONDS < deadline)) || die 'the test cluster was not ready within 120 s'
  sleep 0.1
done

head_of() {
  cat <<'HCL'
terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}
variable "kubeconfig" {
  type = string
}
provider "wandb" {
  config_path = var.kubeconfig
}
HCL
}

# tofu in the folder of a configuration; its output is shown only if it fails.
run() {
  local folder=$1
  shift
  (cd "$folder" && tofu "$@" -no-color) >"$work/log" 2>&1 || { cat "$work/log" >&2; die "tofu $1 failed"; }
}

say 'operator, for its resource definition'
mkdir "$work/operator"
{ head_of; echo 'resource "wandb_operator" "this" {
  wait = false
}'; } >"$work/operator/main.tf"
run "$work/operator" apply -auto-approve

schema=$(cd "$work/operator" && tofu providers schema -json | wc -c)

instances() {
  head_of
  cat <<HCL
resource "wandb_instance" "this" {
  count     = $1
  name      = "bench-\${count.index}"
  wait      = false
  airgapped = true
  host      = "https://bench-\${count.index}.example.com"
  chart = {
    path = "/charts/operator-wandb"
  }
  values = {
    global = {
      mysql  = { host = "mysql", port = 3306, user = "wandb", database = "wandb_local" }
      bucket = { provider = "s3", name = "bench", region = "eu-central-1" }
    }
    app     = { replicaCount = 2, resources = { requests = { cpu = "500m", memory = "1Gi" } } }
    ingress = { class = "nginx" }
  }
}
HCL
}
floor() {
  cat <<HCL
resource "terraform_data" "this" {
  count = $1
  input = {
    name = "bench-\${count.index}"
    host = "https://bench-\${count.index}.example.com"
    values = {
      global = {
        mysql  = { host = "mysql", port = 3306, user = "wandb", database = "wandb_local" }
        bucket = { provider = "s3", name = "bench", region = "eu-central-1" }
      }
      app     = { replicaCount = 2, resources = { requests = { cpu = "500m", memory = "1Gi" } } }
      ingress = { class = "nginx" }
    }
  }
}
HCL
}

# Peak memory of a process that is started below here, in KiB: the highest that was seen.
watch_memory() {
  local pid peak=0 now
  while sleep 0.02; do
    for pid in $(pgrep -f "^$work/bin/terraform-provider-wandb" || true); do
      now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
      if [[ -n $now ]] && ((now > peak)); then
        peak=$now
        echo "$peak" >"$work/peak"
      fi
    done
  done
}

# Times one step and adds it to the file of its name.
timed() {
  local name=$1 began
  shift
  began=$(microseconds)
  run "$@"
  echo $(($(microseconds) - began)) >>"$work/times.$name"
}

for size in "${sizes[@]}"; do
  for kind in instances floor; do
    for ((i = 1; i <= runs; i++)); do
      say "$kind: $size, run $i of $runs"
      folder=$work/$kind.$size.$i
      mkdir "$folder"
      "$kind" "$size" >"$folder/main.tf"
      watcher=''
      if [[ $kind == instances ]]; then
        watch_memory &
        watcher=$!
      fi
      timed "$kind.$size.plan" "$folder" plan -out=plan
      timed "$kind.$size.apply" "$folder" apply plan
      timed "$kind.$size.again" "$folder" plan -detailed-exitcode
      timed "$kind.$size.destroy" "$folder" destroy -auto-approve
      if [[ -n $watcher ]]; then
        kill "$watcher" 2>/dev/null || true
        wait "$watcher" 2>/dev/null || true
        echo $(($(cat "$work/peak" 2>/dev/null || echo 0))) >>"$work/memory.$size"
        rm -f "$work/peak"
      fi
    done
  done
done

milliseconds() { awk -v us="$1" 'BEGIN { printf "%.1f ms", us / 1000 }'; }
printf '\n'
row 'start to handshake' "$(milliseconds "$handshake")" "median of $starts; of this, $(milliseconds "$nothing") is the measuring"
row 'binary, stripped' "$(awk -v b="$(stat -c %s "$work/bin/terraform-provider-wandb")" 'BEGIN { printf "%.1f MB", b / 1e6 }')" \
  "$(ldd "$provider" 2>/dev/null | grep -c '=>' || true) shared libraries"
row 'schema, as JSON' "$(awk -v b="$schema" 'BEGIN { printf "%.1f KiB", b / 1024 }')"
for size in "${sizes[@]}"; do
  row "peak memory of the provider, $size instances" \
    "$(awk -v k="$(median <"$work/memory.$size")" 'BEGIN { printf "%.1f MB", k * 1024 / 1e6 }')" \
    "of plan, apply, second plan and destroy"
done
printf '\n%-12s %-14s %14s %18s %8s\n' instances step wandb_instance terraform_data ratio
for size in "${sizes[@]}"; do
  for step in plan apply again destroy; do
    ours=$(median <"$work/times.instances.$size.$step")
    theirs=$(median <"$work/times.floor.$size.$step")
    printf '%-12s %-14s %14s %18s %8s\n' "$size" "${step/again/second plan}" "$(seconds "$ours")" \
      "$(seconds "$theirs")" "$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.1f", a / b }')"
  done
done
