#include "resources/instance/url_wait.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/http/transport.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "kube/object_ref.h"
#include "kube/status.h"

namespace resources {
namespace {

using base::Json;

constexpr absl::Duration kConnectTimeout = absl::Seconds(10);
constexpr absl::Duration kAnswerTimeout = absl::Seconds(20);
constexpr int kServerError = 500;

std::string AddressesOf(const Json& ingress) {
  std::vector<std::string> addresses;
  for (const Json& each :
       base::ListAt(ingress, "/status/loadBalancer/ingress")) {
    for (const char* at : {"/hostname", "/ip"}) {
      const auto address = base::StringAt(each, at);
      if (address.has_value()) addresses.push_back(*address);
    }
  }
  return absl::StrJoin(addresses, ", ");
}

// It has no label of its instance.
bool IsOfRelease(const Json& ingress, const std::string& release) {
  const Json* annotations = base::Find(ingress, "/metadata/annotations");
  if (annotations == nullptr || !annotations->is_object()) return false;
  const auto name = annotations->find("meta.helm.sh/release-name");
  return name != annotations->end() && *name == release;
}

}  // namespace

absl::Status UrlWait::Await(
    const base::Context& ctx, absl::Duration look_again,
    const std::function<absl::Status(const std::string&)>& meanwhile) {
  // Not before it is needed: it has a thread.
  const auto transport =
      http::NewTransport({.user_agent = "terraform-provider-wandb"});
  http::Request request{.url = url_,
                        .connect_timeout = kConnectTimeout,
                        .timeout = kAnswerTimeout};
  request.on_data = [](absl::string_view) { return absl::OkStatus(); };
  for (;;) {
    const auto answer = transport->Send(ctx, request);
    RETURN_IF_ERROR(ctx.Check());
    if (absl::IsInvalidArgument(answer.status())) {
      error_ = answer.status();
      return error_;
    }
    code_ = answer.ok() ? answer->status : 0;
    error_ = answer.status();
    if (answer.ok() && code_ < kServerError) return absl::OkStatus();
    RETURN_IF_ERROR(
        meanwhile(answer.ok() ? absl::StrCat("status ", code_) : "no answer"));
    RETURN_IF_ERROR(ctx.SleepFor(look_again));
  }
}

std::string UrlWait::Advice() const {
  if (code_ > 0) {
    return "Something answers there, and what it leads to does not: look at "
           "the Ingress controller, and at the pods behind the Service.";
  }
  if (http::CertificateProblemOf(error_).has_value()) {
    return "Correct the certificate of the Ingress; if an authority of your "
           "own has signed it, set SSL_CERT_FILE where Terraform runs.";
  }
  return "Correct global.host, or what leads there: name, Ingress or load "
         "balancer, firewall. If Terraform runs where the URL cannot be "
         "reached, leave wait_for.url out.";
}

std::vector<std::string> UrlWait::Explain(const base::Context& ctx,
                                          kube::Client& client,
                                          const InstanceModel& model) const {
  std::vector<std::string> lines;
  if (url_.empty()) {
    lines.emplace_back(
        "wait_for.url is true, and the specification names no host. Set host.");
    return lines;
  }
  std::string what = "no answer has come";
  if (code_ > 0) {
    what = absl::StrCat("the answer has status ", code_);
  } else if (!error_.ok()) {
    what = std::string(error_.message());
  }
  lines.push_back(absl::StrCat("GET ", url_, ": ", what, ". ", Advice()));
  const auto list = client.List(
      ctx, {"networking.k8s.io", "v1", "ingresses", model.ns.value()},
      {.keep = [&](Json& ingress) {
        return IsOfRelease(ingress, model.name.value());
      }});
  if (!list.ok()) {
    lines.push_back(absl::StrCat("cannot list ingresses: ",
                                 kube::InOneLine(list.status())));
    return lines;
  }
  for (const Json& ingress : list->items) {
    const std::string addresses = AddressesOf(ingress);
    lines.push_back(absl::StrCat(
        "Ingress \"", kube::NameOf(ingress), "\": ",
        addresses.empty() ? "no address yet: its controller gives it one"
                          : absl::StrCat("address ", addresses)));
  }
  return lines;
}

}  // namespace resources
