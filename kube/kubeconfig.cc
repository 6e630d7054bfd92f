#include "kube/kubeconfig.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
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
    if (FindEntry(out, name) != nullptr) continue;
    out.push_back(
        {name,
         fields != nullptr && fields->is_object() ? *fields : Json::object(),
         DirectoryOf(path)});
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
  Kubeconfig out;
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

std::string Field(const KubeconfigEntry& entry, const std::string& name) {
  return base::StringAt(entry.fields, absl::StrCat("/", name)).value_or("");
}

bool Flag(const KubeconfigEntry& entry, const std::string& name) {
  return base::BoolAt(entry.fields, absl::StrCat("/", name)).value_or(false);
}

Json FindExtension(const KubeconfigEntry& entry, const std::string& name) {
  const Json* extensions = base::Find(entry.fields, "/extensions");
  if (extensions == nullptr || !extensions->is_array()) return nullptr;
  for (const Json& extension : *extensions) {
    if (base::StringAt(extension, "/name") != name) continue;
    const Json* content = base::Find(extension, "/extension");
    return content == nullptr ? Json() : *content;
  }
  return nullptr;
}

std::string ResolvePath(const KubeconfigEntry& entry, const std::string& path) {
  if (path.empty() || path[0] == '/') return path;
  return absl::StrCat(entry.directory, "/", path);
}

absl::StatusOr<std::string> DataOrFile(const KubeconfigEntry& entry,
                                       const std::string& field,
                                       const ReadFile& read) {
  const std::string data =
      base::StringAt(entry.fields, absl::StrCat("/", field, "-data"))
          .value_or("");
  if (!data.empty()) {
    std::string decoded;
    if (!absl::Base64Unescape(data, &decoded)) {
      return absl::InvalidArgumentError(
          absl::StrCat(field, "-data of \"", entry.name, "\" is not base64"));
    }
    return decoded;
  }
  const std::string path =
      base::StringAt(entry.fields, absl::StrCat("/", field)).value_or("");
  if (path.empty()) return std::string();
  auto content = read(ResolvePath(entry, path));
  if (content.ok()) return content;
  return absl::Status(content.status().code(),
                      absl::StrCat("cannot read ", field, " of \"", entry.name,
                                   "\": ", content.status().message()));
}

}  // namespace kube
