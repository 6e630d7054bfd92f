// Names as the API server takes them (k8s.io/apimachinery, util/validation).
#pragma once

#include "absl/strings/string_view.h"

namespace wandb {

// A DNS subdomain of RFC 1123 in lower case, up to 253 characters: the name of
// a Secret, an Ingress or a host.
bool IsSubdomain(absl::string_view text);

// A key of labels, annotations or a node selector: up to 63 letters, digits,
// `-`, `_` and `.`, with a subdomain and a slash before it or not.
bool IsQualifiedName(absl::string_view text);

// The value of a label: nothing, or what may stand behind the slash of a key.
bool IsLabelValue(absl::string_view text);

// The name of an environment variable: printed characters of ASCII without `=`.
// Kubernetes before 1.32 takes fewer.
bool IsVariableName(absl::string_view text);

// The tag of an image, as registries have them, with a digest behind it or not.
bool IsImageTag(absl::string_view text);

// "sha256:" and 64 hexadecimal digits in lower case.
bool IsImageDigest(absl::string_view text);

// A key of a Secret or ConfigMap: up to 253 letters, digits, `-`, `_` and `.`.
bool IsDataKey(absl::string_view text);

}  // namespace wandb
