// The rows by what they are about: one function in each rows_*.cc adds them in
// the order in which they are compiled.
#pragma once

#include <string>
#include <vector>

#include "wandb/settings/table.h"

namespace wandb {

using Rows = std::vector<SettingRow>;

namespace rows {

void AddGeneral(Rows& out);     // And images, and where pods run.
void AddStores(Rows& out);      // Buckets and servers.
void AddFeatures(Rows& out);    // Weave, mail, Slack.
void AddAccess(Rows& out);      // Logins and the Ingress.
void AddComponents(Rows& out);  // What each component may have of its own.

// A group that names a Secret and, if wanted, a key in it.
struct SecretReference {
  std::string attribute;
  std::string path;  // The chart's section.
  const char* doc;
  const char* name_key = "name";  // What the chart calls the Secret's name.
  const char* key_attribute;
  const char* key_key;  // What it calls the key.
  const char* key_doc;
};
void AddSecretReference(const SecretReference& reference, Rows& out);

}  // namespace rows
}  // namespace wandb
