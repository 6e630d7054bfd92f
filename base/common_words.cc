#include "base/common_words.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/never_destroyed.h"

namespace base {
namespace {

// Sorted. Words that messages of this provider use often, and those of API
// servers, kubelets, operators and charts: kinds, fields, reasons, components,
// names of databases and of namespaces, and the English between them. Not here
// are words that only passwords are made of, however common ("changeme"):
// nothing is lost where they are hidden.
// clang-format off
constexpr absl::string_view kWords =
    "abort aborted about accepted access account accounts active "
    "additional address admin administrator admission after again "
    "airgapped alert algorithm allow allowed already also always analytics "
    "anew annotations anonymous another answer apis apiserver application "
    "applied applies apply apps archive args argument arguments artifact "
    "artifacts ascii asked attempt attempts attribute attributes audit "
    "auth authenticate authentication authority authorization autoscaling "
    "available away azure backend backoff backup base because been before "
    "begin being belong belongs below beside beta between biases bigtable "
    "billing bind binding block body bool both bucket buckets bytes cache "
    "canary cannot case catalogue cert certificate certs change changed "
    "changes channel character chart charts check claim class cleanup "
    "clickhouse client clock cluster clusters code collection command "
    "common compile complete completed component components computed "
    "config configmap configmaps configuration configured conflict "
    "conflicts connect connection console container containers content "
    "context control controller controllers convert cord correct could "
    "count create created creating creation credential credentials cron "
    "cronjob current custom daemonset daemonsets data database databases "
    "datadog debug deeply default defaults definition delete deleted "
    "deleting deletion demo denied deploy deployed deployment deployments "
    "deprecated description destroy details dial digest digits disabled "
    "discovery disk docker docs document does domain done down duplicate "
    "each effect effective either element elements else email empty "
    "enabled ended endpoint endpoints ends environment error errors escape "
    "escaping etcd evaluate even event events every evicted example "
    "exceeded exec executor exist exists expired external extra fail "
    "failed fails failure false fault field fields file files filestream "
    "finalizer finalizers find findings first flat folder follow forbidden "
    "force found from frontend functions gateway generation generic give "
    "given gives global glue goes gone gorilla grafana group groups grpc "
    "guest handle handshake have head health healthy helm here history "
    "hold holds hook host hostname hosts hour hours http https identity "
    "ignored image images impersonate import imported index info ingress "
    "ingresses init initial input insecure install installation instance "
    "instances instead insufficient integer interactive internal "
    "interrupted into invalid involved issuer item items itself jobs join "
    "json just kafka kept keys killed killing kind kinds known kube "
    "kubeconfig kubectl kubelet kubernetes label labels large last later "
    "latest layer layers ldap leaf lease leave leaves left legacy length "
    "less letters level license licenses lifecycle like limit limits line "
    "linux list lists liveness load local localhost lock login logs long "
    "look looks lookup lost lower made mail main maintenance make makes "
    "manage managed manager managers manages manifests many mapping maps "
    "mariadb mask master match memcached memory merge merges message "
    "metadata method metric metrics migrate migration minio mirror missing "
    "mode model modified mongo mongodb monitoring more most mount mounts "
    "move must mysql name names namespace namespaced namespaces need "
    "needed needs neither nested network never newer next nginx node nodes "
    "none nothing null number numbers object objects observed observer "
    "occurs offline oidc olap once online only open opensearch operator "
    "operators optional oracle order other others output outside over "
    "override owner ownership page pages parallel parameters params "
    "parquet pass passes password passwords patch path paths pending "
    "percent permission phase place plain plan planned please plugin pods "
    "policy pool port ports postgres postgresql preemption prefix primary "
    "printable private probe prod production profile program project "
    "projected prometheus protocol provider proxy public pull pulled "
    "pulling query quot quota quote quoted quotes rabbitmq random rbac "
    "read reader readiness reads ready reason reconcile reconciler redis "
    "reference references refused refuses region registry release releases "
    "remote remove replace replica replicas replicaset replicasets repo "
    "report repository request requests required reset resource resources "
    "response restart restarted restarting retry right rights role roles "
    "rollout root route router rules runner running runs runtime same "
    "sample says scale schedule scheduled scheduler schema scheme scope "
    "scrub secondary seconds secret secrets security selector sent "
    "sentinel server servers service services session setting settings "
    "setup severity shared should shows signer since single size slack "
    "smtp socks some somebody something source sources spec specification "
    "split stackdriver staging stale standing stands start started starts "
    "state stateful statefulset statefulsets status stays still stopped "
    "storage store stored strategy string strings subjects success "
    "successful such super support supported switch synchronization system "
    "table taint tainted take takes task team tell template tenant "
    "terminated terraform test testing tests text than that their them "
    "then there these they this those through time timed timeout timeouts "
    "timestamp tofu together token tokens tolerations trace trail "
    "transient transport trial true twice type unable unauthorized under "
    "unhealthy unknown unless unsupported until update updated updater "
    "upgrade upon upstream used user username users uses using valid "
    "validation validators value values variable variables vault verbs "
    "verify version versions very view volume volumes wait waited waiting "
    "waits wandb want wants warn warning watch weave webhook website "
    "weights weightsandbiases were what when where whether which while "
    "whole whose will with within without word worker workers workload "
    "workspace would write writes written wrong wrote yaml your zone "
    "zookeeper";
// clang-format on

}  // namespace

bool IsCommonWord(absl::string_view text) {
  const std::vector<absl::string_view>& words = CommonWords();
  return std::binary_search(words.begin(), words.end(),
                            absl::AsciiStrToLower(text));
}

const std::vector<absl::string_view>& CommonWords() {
  static const NeverDestroyed<std::vector<absl::string_view>> kSplit(
      absl::StrSplit(kWords, ' '));
  return *kSplit;
}

}  // namespace base
