#!/usr/bin/env bash
# Start-up, memory, size, requests, and the time of plan and apply, beside a floor: the same number
# of terraform_data resources, which need no provider process and no cluster, plus the same requests
# to the API server, sent by one `curl --parallel`. Medians of RUNS (3). Ends with 1 if a budget is
# exceeded. And how much longer one operator and one instance take with a server that is far away.
#
# tofu itself works much more for a resource with a schema than for terraform_data: it evaluates,
# encodes, decodes and prints each attribute, whatever the provider does. That extra CPU time of its
# own is measured, shown as `tofu`, and taken off before the ratio of the last column is judged.
#
#   bench/run.sh           # for 1 and 100 instances
#   SIZES="1 10" RUNS=1 bench/run.sh
#
# Expects build/release. The cluster is a control plane on 127.0.0.1 without an operator, and the
# instances have wait = false: what is measured is the provider, not W&B. Which requests it sends
# is read from its own log, in a run that is not timed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Budgets: milliseconds, bytes, bytes, and times the floor.
readonly max_handshake_ms=10 max_binary=25000000 max_memory=25000000 max_ratio=2 max_merge_ms=10
# How far away the distant server is, and how many seconds longer one operator and one instance may
# take then.
readonly distance_ms=50 max_far_plan=0.5 max_far_apply=1.0
readonly provider=$PWD/build/release/terraform-provider-wandb
readonly runs=${RUNS:-3} starts=${STARTS:-21}
read -ra sizes <<<"${SIZES:-1 100}"

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }
die() { say "error: $*"; exit 1; }

[[ -x $provider ]] || die "$provider is missing; run: make"
PATH=$(scripts/install-tools.sh kubectl tofu etcd kube-apiserver kube-controller-manager \
  kube-scheduler kwok testcluster api-proxy distant-server):$PATH
export PATH

work=$(mktemp -d "${TMPDIR:-/tmp}/wandb-bench.XXXXXX")
cluster_pid='' proxy_pid='' relay_pid=''
cleanup() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP
  [[ -z $proxy_pid ]] || kill "$proxy_pid" 2>/dev/null || true
  [[ -z $relay_pid ]] || kill "$relay_pid" 2>/dev/null || true
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
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : int((v[NR / 2] + v[NR / 2 + 1]) / 2) }'; }
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

say 'merge of three layers'
cmake --build build/release --target bench_merge >&2
read -r merge_us merge_leaves < <(build/release/bench_merge)

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

# CPU time of one step, in microseconds: of the provider, and of tofu without it.
mkdir "$work/measured"
cat >"$work/measured/terraform-provider-wandb" <<SH
#!/usr/bin/env bash
TIMEFORMAT='%U %S'
exec 3>&2
{ time "$work/bin/terraform-provider-wandb" 2>&3; } 2>>"$work/provider.cpu"
SH
chmod +x "$work/measured/terraform-provider-wandb"
sed "s|$work/bin|$work/measured|" "$TF_CLI_CONFIG_FILE" >"$work/measured.rc"
measured() {
  local name=$1 all own TIMEFORMAT='%U %S'
  shift
  : >"$work/provider.cpu"
  { time TF_CLI_CONFIG_FILE=$work/measured.rc run "$@"; } 2>"$work/all.cpu"
  all=$(awk '{ t += $1 + $2 } END { printf "%d", t * 1e6 }' "$work/all.cpu")
  own=$(awk '{ t += $1 + $2 } END { printf "%d", t * 1e6 }' "$work/provider.cpu")
  echo "$own" >>"$work/cpu.provider.$name"
  echo $((all - own)) >>"$work/cpu.tofu.$name"
}

# Times one step and adds it to the file of its name.
timed() {
  local name=$1 began
  shift
  began=$(microseconds)
  run "$@"
  echo $(($(microseconds) - began)) >>"$work/times.$name"
}

# The API server of the cluster, as curl needs it.
field() { kubectl --kubeconfig "$TF_VAR_kubeconfig" config view --raw --minify -o "jsonpath={$1}"; }
server=$(field '.clusters[0].cluster.server')
field '.clusters[0].cluster.certificate-authority-data' | base64 -d >"$work/ca.pem"
field '.users[0].user.client-certificate-data' | base64 -d >"$work/client.pem"
(umask 077; field '.users[0].user.client-key-data' | base64 -d >"$work/client.key")
instances_of() { kubectl --kubeconfig "$TF_VAR_kubeconfig" get weightsandbiases -n default -o json; }

# Plans, applies and plans again with the provider's log, and makes what curl needs to send the same
# requests: one configuration for each step in folder $1.
record() {
  local folder=$1 step
  mkdir -p "$folder/bodies"
  for step in plan apply again; do
    local -a args=(plan -out=plan)
    [[ $step != apply ]] || args=(apply plan)
    TF_LOG_PROVIDER=DEBUG TF_LOG_PATH="$folder/$step.log" run "$folder" "${args[@]}"
    touch "$folder/$step.log"
    sed -nE '/kubernetes request: /s/.* method=([A-Z]+).*/\1/p' "$folder/$step.log" >"$folder/$step.methods"
    sed -nE '/kubernetes request: /s/.* path=([^ ]+).*/\1/p' "$folder/$step.log" >"$folder/$step.paths"
    [[ $step != apply ]] || instances_of | jq -c '.items[] | {apiVersion, kind, spec, metadata: {name: .metadata.name,
      namespace: .metadata.namespace, labels: .metadata.labels, annotations: .metadata.annotations}}' |
      while read -r body; do
        printf '%s' "$body" >"$folder/bodies/$(jq -r .metadata.name <<<"$body")"
      done
  done
  for step in plan apply again; do
    paste "$folder/$step.methods" "$folder/$step.paths" |
      while IFS=$'\t' read -r method path; do
        local name=${path%%\?*}
        # The log has no query, and a server-side apply must name its manager.
        [[ $method != PATCH ]] || path=$name'?fieldManager=terraform-provider-wandb'
        printf 'next\nurl = "%s%s"\nrequest = %s\n' "$server" "$path" "$method"
        printf 'output = /dev/null\nsilent\nwrite-out = "%%{http_code}\\n"\ncompressed\n'
        printf 'cacert = "%s"\ncert = "%s"\nkey = "%s"\n' "$work/ca.pem" "$work/client.pem" "$work/client.key"
        if [[ $method == PATCH ]]; then
          printf 'header = "Content-Type: application/apply-patch+yaml"\ndata-binary = "@%s"\n' \
            "$folder/bodies/${name##*/}"
        fi
      done | sed 1d >"$folder/$step.curl"
  done
}

# Sends the requests of step $2 of the recording in folder $1, and adds the time to the file of $3.
replay() {
  local folder=$1 step=$2 name=$3 began
  began=$(microseconds)
  [[ ! -s $folder/$step.curl ]] ||
    # As many at a time as tofu has under way.
    curl --parallel --parallel-immediate --parallel-max 10 --config "$folder/$step.curl" >"$work/codes" 2>"$work/log" ||
    { cat "$work/log" >&2; die "curl could not repeat the $step"; }
  [[ ! -s $folder/$step.curl ]] || ! grep -Ev '^(2..|404)$' "$work/codes" >&2 || die "curl's $step was refused"
  echo $(($(microseconds) - began)) >>"$work/times.$name"
}

for size in "${sizes[@]}"; do
  say "requests of $size"
  folder=$work/recorded.$size
  mkdir "$folder"
  instances "$size" >"$folder/main.tf"
  record "$folder"
  run "$folder" destroy -auto-approve
  for ((i = 1; i <= runs; i++)); do
    say "curl: $size, run $i of $runs"
    for step in plan apply again; do replay "$folder" "$step" "curl.$size.$step"; done
    kubectl --kubeconfig "$TF_VAR_kubeconfig" delete weightsandbiases -n default --all >/dev/null
  done
  for kind in instances floor; do
    for ((i = 1; i <= runs; i++)); do
      say "CPU time of $kind: $size, run $i of $runs"
      folder=$work/cpu.$kind.$size.$i
      mkdir "$folder"
      "$kind" "$size" >"$folder/main.tf"
      measured "$kind.$size.plan" "$folder" plan -out=plan
      measured "$kind.$size.apply" "$folder" apply plan
      measured "$kind.$size.again" "$folder" plan -detailed-exitcode
      measured "$kind.$size.destroy" "$folder" destroy -auto-approve
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

# The operator of the benchmark goes: here one is made with its instance, from nothing.
run "$work/operator" destroy -auto-approve
distant-server --to "${server#https://}" --round-trip "${distance_ms}ms" >"$work/relay.out" &
relay_pid=$!
until grep -q '^ready ' "$work/relay.out"; do
  kill -0 "$relay_pid" 2>/dev/null || die 'the relay did not start'
  sleep 0.1
done
sed "s|$server|https://$(sed 's/^ready //' "$work/relay.out")|" "$TF_VAR_kubeconfig" >"$work/far.kubeconfig"
operator_and_instance() {
  head_of
  cat <<'HCL'
resource "wandb_operator" "this" {
  wait = false
  airgapped = true
}
resource "wandb_instance" "this" {
  operator  = wandb_operator.this.id
  wait      = false
  airgapped = true
  host      = "https://wandb.example.com"
  chart = {
    path = "/charts/operator-wandb"
  }
}
HCL
}
for ((i = 1; i <= runs; i++)); do
  for where in near far; do
    say "one operator and one instance, $where, run $i of $runs"
    folder=$work/distance.$where.$i
    mkdir "$folder"
    operator_and_instance >"$folder/main.tf"
    kubeconfig=$TF_VAR_kubeconfig
    [[ $where == near ]] || kubeconfig=$work/far.kubeconfig
    for step in plan apply again destroy; do
      args=(plan -out=plan)
      [[ $step != apply ]] || args=(apply plan)
      [[ $step != again ]] || args=(plan -detailed-exitcode)
      [[ $step != destroy ]] || args=(destroy -auto-approve)
      TF_VAR_kubeconfig=$kubeconfig timed "$where.$step" "$folder" "${args[@]}"
    done
  done
done
kill "$relay_pid"
wait "$relay_pid" || true
relay_pid=''
run "$work/operator" apply -auto-approve

say "a refresh of 100 beside 1,000 other definitions"
for ((i = 0; i < 1000; i++)); do
  cat <<YAML
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things$i.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: things$i, kind: Thing$i}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
YAML
done >"$work/definitions.yaml"
kubectl --kubeconfig "$TF_VAR_kubeconfig" create -f "$work/definitions.yaml" >/dev/null
mkdir "$work/many"
instances 100 >"$work/many/main.tf"
run "$work/many" apply -auto-approve
api-proxy --kubeconfig "$TF_VAR_kubeconfig" --out "$work/proxy.kubeconfig" --log "$work/proxy.log" >"$work/proxy.out" &
proxy_pid=$!
until grep -q '^ready ' "$work/proxy.out"; do
  kill -0 "$proxy_pid" 2>/dev/null || die 'the proxy that counts requests did not start'
  sleep 0.1
done
TF_VAR_kubeconfig=$work/proxy.kubeconfig run "$work/many" plan
refresh_requests=$(grep -c '^request ' "$work/proxy.log")
refresh_connections=$(grep -c '^connection' "$work/proxy.log")
kill "$proxy_pid"
wait "$proxy_pid" || true
proxy_pid=''

milliseconds() { awk -v us="$1" 'BEGIN { printf "%.1f ms", us / 1000 }'; }
megabytes() { awk -v b="$1" 'BEGIN { printf "%.1f MB", b / 1e6 }'; }
over=0
# Text for the last column: the budget $2 beside what was measured, $1, in unit $3.
budget() {
  if awk -v a="$1" -v b="$2" 'BEGIN { exit !(a <= b) }'; then
    printf 'budget %s%s' "$2" "$3"
  else
    printf 'OVER the budget of %s%s' "$2" "$3"
  fi
}
note() { [[ $1 != *OVER* ]] || over=1; }
line() { row "$@"; note "${3:-}"; }

printf '\n'
line 'start to handshake' "$(milliseconds "$handshake")" \
  "$(budget "$((handshake / 1000))" "$max_handshake_ms" ' ms'), median of $starts; of this, $(milliseconds "$nothing") is the measuring"
size_bytes=$(stat -c %s "$work/bin/terraform-provider-wandb")
line 'binary, stripped' "$(megabytes "$size_bytes")" "$(budget "$size_bytes" "$max_binary" ' bytes')"
if LC_ALL=C readelf -d "$work/bin/terraform-provider-wandb" | grep -q 'There is no dynamic section'; then
  line 'dynamic section' none 'budget none'
else
  line 'dynamic section' "$(ldd "$provider" | grep -c '=>' || true) libraries" 'OVER the budget of none'
fi
row 'schema, as JSON' "$(awk -v b="$schema" 'BEGIN { printf "%.1f KiB", b / 1024 }')"
line "merge of $merge_leaves leaves, with origins" "$(milliseconds "$merge_us")" \
  "$(budget "$(awk -v us="$merge_us" 'BEGIN { printf "%.1f", us / 1000 }')" "$max_merge_ms" ' ms'), median of 21"
for size in "${sizes[@]}"; do
  memory=$(awk -v k="$(median <"$work/memory.$size")" 'BEGIN { printf "%d", k * 1024 }')
  line "peak memory of the provider, $size instances" "$(megabytes "$memory")" \
    "$(budget "$memory" "$max_memory" ' bytes'), of plan, apply, second plan and destroy"
  row "requests, $size instances" "$(cat "$work/recorded.$size"/*.methods | wc -l)" \
    "$(for step in plan apply again; do printf '%s %s  ' "${step/again/second plan}" "$(wc -l <"$work/recorded.$size/$step.methods")"; done)"
done
# Four for each instance, and the definition once for the process.
line 'requests of a refresh of 100, 1,000 other CRDs' "$refresh_requests" "$(budget "$refresh_requests" 401 '')"
line 'TCP connections of that refresh' "$refresh_connections" "$(budget "$refresh_connections" 1 '')"

for step in plan apply again destroy; do
  longer=$(awk -v far="$(median <"$work/times.far.$step")" -v near="$(median <"$work/times.near.$step")" \
    'BEGIN { printf "%.2f", (far - near) / 1e6 }')
  text="$(awk -v s="$longer" -v ms="$distance_ms" 'BEGIN { printf "%.1f", s * 1000 / ms }') round trips of $distance_ms ms"
  [[ $step != plan && $step != again ]] || text="$(budget "$longer" "$max_far_plan" ' s'), $text"
  [[ $step != apply ]] || text="$(budget "$longer" "$max_far_apply" ' s'), $text"
  line "${step/again/second plan} far away, operator and instance" "+$longer s" "$text"
done

# `provider` is CPU time of the provider; `tofu` what tofu itself takes more than for the floor.
printf '\n%-10s %-12s %15s %15s %8s %9s %8s %6s\n' instances step wandb_instance terraform_data curl provider tofu ratio
for size in "${sizes[@]}"; do
  for step in plan apply again destroy; do
    ours=$(median <"$work/times.instances.$size.$step")
    theirs=$(median <"$work/times.floor.$size.$step")
    provider_cpu=$(median <"$work/cpu.provider.instances.$size.$step")
    tofu_cpu=$(($(median <"$work/cpu.tofu.instances.$size.$step") - $(median <"$work/cpu.tofu.floor.$size.$step")))
    curl=0 text=''
    if [[ $step != destroy ]]; then curl=$(median <"$work/times.curl.$size.$step"); fi
    ratio=$(awk -v a="$ours" -v t="$tofu_cpu" -v b="$theirs" -v c="$curl" 'BEGIN { printf "%.1f", (a - (t > 0 ? t : 0)) / (b + c) }')
    # Of one instance nearly everything is tofu's own start.
    if [[ $step != destroy ]] && ((size >= 100)); then
      text="$(budget "$ratio" "$max_ratio" ''), with tofu's own $(awk -v a="$ours" -v b="$theirs" -v c="$curl" 'BEGIN { printf "%.1f", a / (b + c) }')"
    fi
    note "$text"
    printf '%-10s %-12s %15s %15s %8s %9s %8s %6s %s\n' "$size" "${step/again/second plan}" "$(seconds "$ours")" \
      "$(seconds "$theirs")" "$([[ $step == destroy ]] && echo - || seconds "$curl")" "$(seconds "$provider_cpu")" \
      "$(seconds "$tofu_cpu")" "$ratio" "$text"
  done
done
((over == 0)) || die 'a budget is exceeded'
