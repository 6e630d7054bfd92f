#include "kube/kubeconfig.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/yaml.h"

namespace kube {
namespace {

using base::Json;

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status AddEntries(const Json& config, const std::string& path,
                        const std::string& list, const std::string& member,
                        std::vector<KubeconfigEntry>& out) {
  const auto it = config.find(list);
  if (it == config.end() || it->is_null()) return absl::OkStatus();
  if (!it->is_array()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", list, " must be a list"));
  }
  // One look in a list for each of many would be a square.
  std::set<std::string> before;
  for (const KubeconfigEntry& entry : out) before.insert(entry.name);
  const std::string directory = DirectoryOf(path);
  std::set<std::string> here;
  for (const Json& item : *it) {
    const std::string name = base::StringAt(item, "/name").value_or("");
    const Json* fields = base::Find(item, absl::StrCat("/", member));
    if (name.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": an entry of ", list, " has no name"));
    }
    if (!here.insert(name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": ", list, " has \"", name, "\" twice"));
    }
    if (before.contains(name)) continue;
    out.push_back(
        {name,
         fields != nullptr && fields->is_object() ? *fields : Json::object(),
         directory, path});
  }
  return absl::OkStatus();
}

absl::Status AddFile(const std::string& path, const std::string& text,
                     Kubeconfig& out) {
  ASSIGN_OR_RETURN(const Json config, base::ParseYaml(text, path));
  out.files.push_back(path);
  if (config.is_null()) return absl::OkStatus();  // An empty file.
  if (!config.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is not a kubeconfig file"));
  }
  const std::string kind = base::StringAt(config, "/kind").value_or("");
  if (!kind.empty() && kind != "Config") {
    return absl::InvalidArgumentError(
        absl::StrCat(path,
                     " is not a kubeconfig file, whose kind is Config: "
                     "its kind is ",
                     kind));
  }
  RETURN_IF_ERROR(
      AddEntries(config, path, "clusters", "cluster", out.clusters));
  RETURN_IF_ERROR(AddEntries(config, path, "users", "user", out.users));
  RETURN_IF_ERROR(
      AddEntries(config, path, "contexts", "context", out.contexts));
  if (out.current_context.empty()) {
    out.current_context =
        base::StringAt(config, "/current-context").value_or("");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Kubeconfig> LoadKubeconfig(const std::vector<std::string>& paths,
                                          bool must_exist,
                                          const ReadFile& read) {
  Kubeconfig out{.where = absl::StrJoin(paths, ":")};
  for (const std::string& path : paths) {
    const auto text = read(path);
    if (absl::IsNotFound(text.status()) && !must_exist) continue;
    if (!text.ok()) {
      return absl::Status(text.status().code(),
                          absl::StrCat("cannot read the kubeconfig file ", path,
                                       ": ", text.status().message()));
    }
    RETURN_IF_ERROR(AddFile(path, *text, out));
  }
  return out;
}

const KubeconfigEntry* FindEntry(const std::vector<KubeconfigEntry>& entries,
                                 const std::string& name) {
  const auto it =
      std::find_if(entries.begin(), entries.end(),
                   [&name](const auto& entry) { return entry.name == name; });
  return it == entries.end() ? nullptr : &*it;
}

}  // namespace kube
