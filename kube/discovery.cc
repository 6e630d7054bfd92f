#include "kube/discovery.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kube/status.h"

namespace kube {
namespace {

using base::Json;

std::string Text(const Json& object, const char* key) {
  return base::StringAt(object, absl::StrCat("/", key)).value_or("");
}

bool Has(const Json& verbs, absl::string_view verb) {
  return std::any_of(verbs.begin(), verbs.end(), [verb](const Json& one) {
    return one.is_string() && one.get<std::string>() == verb;
  });
}

class Discovery {
 public:
  explicit Discovery(const Fetch& fetch) : fetch_(fetch) {}

  absl::Status Add(const std::string& path) {
    ASSIGN_OR_RETURN(const Json document, fetch_(path));
    const std::string kind = KindOf(document);
    if (kind == "APIGroupDiscoveryList") {
      for (const Json& group : base::ListAt(document, "/items")) {
        AddGroup(group);
      }
      return absl::OkStatus();
    }
    const absl::string_view old =
        path == "/api" ? "APIVersions" : "APIGroupList";
    if (kind != old) {
      return Misfit(path, absl::StrCat("kind is \"", kind,
                                       "\" where APIGroupDiscoveryList or ",
                                       old, " was asked for"));
    }
    for (const Json& version : base::ListAt(document, "/versions")) {
      if (version.is_string()) {
        RETURN_IF_ERROR(AddVersion("", version.get<std::string>()));
      }
    }
    for (const Json& group : base::ListAt(document, "/groups")) {
      for (const Json& version : base::ListAt(group, "/versions")) {
        RETURN_IF_ERROR(
            AddVersion(Text(group, "name"), Text(version, "version")));
      }
    }
    return absl::OkStatus();
  }

  // What every server has must be there.
  absl::StatusOr<NamespacedKinds> Found() && {
    if (seen_.count({"", "secrets"}) == 0) {
      return Misfit("/api", "secrets are not among the kinds");
    }
    return std::move(found_);
  }

 private:
  static absl::Status Misfit(absl::string_view path, absl::string_view wrong) {
    return absl::FailedPreconditionError(absl::StrCat(
        "GET ", path, ": the answer is not what was asked for: ", wrong));
  }

  static std::string NameOf(const std::string& group,
                            const std::string& version) {
    return group.empty() ? version : absl::StrCat(group, "/", version);
  }

  // An element of an APIGroupDiscoveryList.
  void AddGroup(const Json& group) {
    const std::string name =
        base::StringAt(group, "/metadata/name").value_or("");
    for (const Json& version : base::ListAt(group, "/versions")) {
      const std::string number = Text(version, "version");
      if (Text(version, "freshness") == "Stale") {
        found_.unknown.push_back(NameOf(name, number));
      }
      for (const Json& kind : base::ListAt(version, "/resources")) {
        AddKind(name, number, Text(kind, "resource"),
                Text(kind, "scope") == "Namespaced",
                base::ListAt(kind, "/verbs"));
      }
    }
  }

  // The APIResourceList of a group version.
  absl::Status AddVersion(const std::string& group,
                          const std::string& version) {
    const auto list = fetch_(absl::StrCat(group.empty() ? "/api/" : "/apis/",
                                          NameOf(group, version)));
    if (!list.ok()) {
      // Without an answer nothing is known of the server itself.
      if (HttpCode(list.status()) == 0) return list.status();
      // A version that has just gone holds nothing.
      if (!IsKindNotServed(list.status()) && !absl::IsNotFound(list.status())) {
        found_.unknown.push_back(NameOf(group, version));
      }
      return absl::OkStatus();
    }
    if (KindOf(*list) != "APIResourceList") {
      found_.unknown.push_back(NameOf(group, version));
      return absl::OkStatus();
    }
    for (const Json& kind : base::ListAt(*list, "/resources")) {
      AddKind(group, version, Text(kind, "name"),
              base::BoolAt(kind, "/namespaced").value_or(false),
              base::ListAt(kind, "/verbs"));
    }
    return absl::OkStatus();
  }

  void AddKind(const std::string& group, const std::string& version,
               const std::string& resource, bool namespaced,
               const Json& verbs) {
    // "pods/log" is a part of a kind.
    if (!namespaced || resource.empty() || absl::StrContains(resource, "/")) {
      return;
    }
    if (!Has(verbs, "list")) return;
    // What cannot be deleted is a view of something else (PodMetrics).
    if (!Has(verbs, "delete") && !Has(verbs, "deletecollection")) return;
    if (seen_.insert({group, resource}).second) {
      found_.kinds.push_back({group, version, resource, ""});
    }
  }

  const Fetch& fetch_;
  std::set<std::pair<std::string, std::string>> seen_;
  NamespacedKinds found_;
};

}  // namespace

const char kDiscoveryTypes[] =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as="
    "APIGroupDiscoveryList,application/json";

absl::StatusOr<NamespacedKinds> DiscoverNamespacedKinds(const Fetch& fetch) {
  Discovery discovery(fetch);
  RETURN_IF_ERROR(discovery.Add("/api"));
  RETURN_IF_ERROR(discovery.Add("/apis"));
  return std::move(discovery).Found();
}

}  // namespace kube
