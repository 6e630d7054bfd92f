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

// The group `name` of a reference to a Secret at the section `path`: `name_key`
// is what the chart calls its name, `key_key` its key.
void AddSecretReference(const std::string& name, const std::string& path,
                        const char* doc, const char* name_key,
                        const char* key_name, const char* key_key,
                        const char* key_doc, Rows& out);

}  // namespace rows
}  // namespace wandb
