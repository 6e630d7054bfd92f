// How a manifest has to be sent to an object that somebody else has made, so
// that the server takes it and no pod restarts for nothing. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "resources/operator/ownership.h"

namespace resources {

// Whether it gives rights to subjects.
bool IsBinding(const base::Json& manifest);

// The manifest of `seen` for an apply by `manager` to what is there; the
// manifest itself unless it is a Deployment or a binding that exists.
//
// The subjects of a binding are one field. Those that others have added keep
// their rights.
//
// A volume has one source. Server-side apply would only add ours to that of an
// object which another tool made, so one that is empty already is taken away by
// a null ("may not specify more than 1 volume type" otherwise; for others see
// SourceClashes()). Where nobody mounts the volume, as
// without certificates, its source means nothing and stays as it is: one that
// the manifest leaves empty goes away with the last field that is taken over
// from Helm, and the server puts an emptyDir in its place.
//
// Lists whose order means nothing come in the order that they have there, as
// server-side apply puts them into that of the manifest, and pods restart.
//
// The selector of a Deployment cannot be changed, so it stays as it is there,
// as do the labels of the pod template that it asks for or that charts write
// ("app.kubernetes.io/", "helm.sh/"): to take those away would restart pods.
//
// The digest of the certificates, which is to restart the pods for new ones, is
// left out where the pods lack it and run with these very certificates: the
// ConfigMap among `all` has them, and was not written by us after the
// Deployment.
base::Json FittedManifest(const Sighting& seen,
                          const std::vector<Sighting>& all,
                          const std::string& manager);

// A mounted volume of a Deployment whose source is of another type than the
// manifest's, and says something. No null takes that away: the server merges
// maps key by key. It goes once it is ours and we do not send it.
struct SourceClash {
  std::string volume;
  std::string source;  // "configMap"

  // `.spec.template.spec.volumes[name="x"].configMap`
  std::string Field() const;
  // The same as fieldsV1.
  base::Json Fields() const;
};
std::vector<SourceClash> SourceClashes(const Sighting& seen);

// `manifest` with the live sources in the place of those that clash: for a dry
// run, which is not to end at them.
base::Json WithClashingSources(const Sighting& seen, base::Json manifest);

// What of `live` is compared with `manifest` to find changes: ssa::OwnedPart(),
// and of the subjects of a binding only those of the manifest.
base::Json ComparedPart(const base::Json& manifest, base::Json live);

}  // namespace resources
