#!/usr/bin/env bash
# Weights & Biases by a real `tofu apply`, from nothing, on a cluster that exists only for this:
#
#   scripts/demo.sh
#   WANDB_DEMO_KUBECONFIG=~/.kube/config scripts/demo.sh  # on that cluster instead
#
# The first run builds everything from source; a later one takes well under a minute. Whatever is
# started ends with this script, and its files are removed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly root=$PWD

say() { printf '\n== [%3ds] %s\n' "$SECONDS" "$*"; }
die() { printf '\nerror: %s\n' "$*" >&2; exit 1; }

work=''
cluster_pid=''
applied=''
had_crd=''

# Ends what was started, in every case: an error, Ctrl-C, or the normal end.
cleanup() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP
  # A cluster of ours goes as a whole; somebody else's gets everything back.
  if [[ -n $applied && -z $cluster_pid ]]; then
    say 'removing what was created'
    remove_all || printf "error: the cluster still holds objects of this demo\n" >&2
  fi
  if [[ -n $cluster_pid ]]; then
    kill "$cluster_pid" 2>/dev/null || true
    wait "$cluster_pid" 2>/dev/null || true
  fi
  [[ -z $work ]] || rm -rf "$work"
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

timings=()
began=0
# Milliseconds since the epoch.
now() { date +%s%3N; }
start_clock() { began=$(now); }
stop_clock() { timings+=("$(printf '%-22s %8.1f s' "$1" "$(awk -v ms=$(($(now) - began)) 'BEGIN { print ms / 1000 }')")"); }

run_tofu() { (cd "$work/configuration" && tofu "$@"); }
kube() { kubectl --kubeconfig "$TF_VAR_kubeconfig" "$@"; }

# Destroys, and takes away the definition that a destroy leaves behind if it came with the demo.
remove_all() {
  run_tofu destroy -no-color -auto-approve >"$work/destroy.txt" 2>&1 || { cat "$work/destroy.txt" >&2; return 1; }
  grep -E "^(wandb_|Destroy complete)" "$work/destroy.txt"
  [[ -n $had_crd ]] || kube delete --ignore-not-found crd weightsandbiases.apps.wandb.com
}

start_clock
say 'programs to build with'
scripts/install-deps.sh

say 'provider (release build)'
cmake --preset release >/dev/null
cmake --build build/release -j "$(nproc)" --target terraform-provider-wandb
stop_clock 'build of the provider'

start_clock
say 'programs to run'
needed=(kubectl tofu)
if [[ -z ${WANDB_DEMO_KUBECONFIG:-} ]]; then
  needed+=(etcd kube-apiserver kube-controller-manager kube-scheduler kwok testcluster operator-standin)
fi
PATH=$(scripts/install-tools.sh "${needed[@]}"):$PATH
export PATH
stop_clock 'test programs'

work=$(mktemp -d "${TMPDIR:-/tmp}/wandb-demo.XXXXXX")
cp -r examples/complete "$work/configuration"
rm -rf "$work/configuration"/{.terraform*,terraform.tfstate*}
cat >"$work/tofu.rc" <<RC
provider_installation {
  dev_overrides {
    "wandb/wandb" = "$root/build/release"
  }
  direct {}
}
RC
# Settings of the caller's must not change what is shown here.
unset "${!TF_@}" "${!KUBE_@}"
export TF_CLI_CONFIG_FILE=$work/tofu.rc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
# The provider's socket, too, is in the folder that goes at the end, even if it is killed.
export TMPDIR=$work

start_clock
if [[ -n ${WANDB_DEMO_KUBECONFIG:-} ]]; then
  [[ -r $WANDB_DEMO_KUBECONFIG ]] || die "WANDB_DEMO_KUBECONFIG=$WANDB_DEMO_KUBECONFIG cannot be read"
  TF_VAR_kubeconfig=$(cd "$(dirname "$WANDB_DEMO_KUBECONFIG")" && pwd)/${WANDB_DEMO_KUBECONFIG##*/}
  export TF_VAR_kubeconfig
  say "your cluster: $TF_VAR_kubeconfig"
  kube get --raw /version >/dev/null || die 'that cluster does not answer'
  # Objects that are there already are not the demo's to change or to destroy.
  [[ -z $(kube get crd --ignore-not-found -o name weightsandbiases.apps.wandb.com) ]] || had_crd=1
  if [[ -n $had_crd && -n $(kube get weightsandbiases -A -o name) ]]; then
    die "that cluster runs W&B already; the demo would get in its way"
  fi
else
  say 'a control plane on 127.0.0.1'
  testcluster --dir "$work/cluster" --standin --channel "$root/examples/complete/release.json" \
    >"$work/cluster.out" 2>"$work/cluster.err" &
  cluster_pid=$!
  until grep -q '^ready ' "$work/cluster.out"; do
    kill -0 "$cluster_pid" 2>/dev/null || { cat "$work/cluster.err" >&2; die 'the test cluster did not start'; }
    (($(now) - began < 120000)) || die "the test cluster was not ready within 120 s"
    sleep 0.1
  done
  export TF_VAR_kubeconfig=$work/cluster/kubeconfig
  # What the example refers to, and somebody else makes; a plan would say that it is missing.
  {
    kube create secret generic wandb-mysql --from-literal=MYSQL_PASSWORD=demo
    kube create secret generic wandb-bucket --from-literal=ACCESS_KEY=demo --from-literal=SECRET_KEY=demo
    kube create -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: example.com/none}
YAML
  } | sed 's/^/   /'
fi
stop_clock 'cluster'
kube version 2>/dev/null | sed 's/^/   /'

say 'plan: the specification that the operator will use, and where each leaf comes from'
start_clock
run_tofu plan -no-color -out=plan >"$work/plan.txt" 2>&1 || { cat "$work/plan.txt" >&2; die 'plan failed'; }
stop_clock 'plan'
run_tofu show -json plan | jq -r '
  .planned_values.root_module.resources[] | select(.type == "wandb_instance").values
  | .effective_origin as $origin
  | .effective_values | to_entries[] | [.key, .value, $origin[.key]] | @tsv' |
  awk -F '\t' '{ printf "   %-55s %-42s %s\n", $1, $2, $3 }'
grep '^Plan:' "$work/plan.txt"

say 'apply'
applied=1
start_clock
run_tofu apply -no-color plan
stop_clock 'apply'

say 'what is in the cluster now'
kube get deployments,statefulsets,ingresses,weightsandbiases -A
echo
kube get weightsandbiases wandb -n default \
  -o custom-columns='INSTANCE:.metadata.name,PHASE:.status.phase,HOST:.spec.values.global.host'
[[ $(run_tofu output -raw ready) == true ]] || die 'the instance is not ready'

say 'second plan: must be empty'
start_clock
status=0
run_tofu plan -no-color -detailed-exitcode >"$work/second.txt" 2>&1 || status=$?
stop_clock 'second plan'
case $status in
  0) grep '^No changes' "$work/second.txt" ;;
  2) cat "$work/second.txt" >&2; die 'the second plan is not empty' ;;
  *) cat "$work/second.txt" >&2; die 'the second plan failed' ;;
esac

say 'destroy'
start_clock
remove_all
applied=''
stop_clock 'destroy'

say 'timings'
printf '   %s\n' "${timings[@]}"
