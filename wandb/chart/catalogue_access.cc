// Blocks of the catalogue: who may come in, and from where.
#include "wandb/chart/catalogue_blocks.h"

namespace wandb::catalogue {
namespace {

using K = ValueKind;
using T = ScalarType;

}  // namespace

CatalogueBlock Access() {
  static constexpr CatalogueEntry kEntries[] = {
      {.path = "global.auth", .kind = K::kSection},
      {.path = "global.auth.sessionLengthHours",
       .kind = K::kScalar,
       .type = T::kInteger},
      {.path = "global.auth.jwkUrl", .kind = K::kScalar, .since = "0.25.2"},
      {.path = "global.auth.oidc", .kind = K::kSection},
      {.path = "global.auth.oidc.clientId", .kind = K::kScalar, .exact = true},
      {.path = "global.auth.oidc.secret",
       .kind = K::kScalar,
       .secret = true,
       .exact = true,
       .by_reference = "global.auth.oidc.oidcSecret"},
      {.path = "global.auth.oidc.authMethod",
       .kind = K::kScalar,
       .allowed = "pkce|implicit|oidc|"},
      {.path = "global.auth.oidc.issuer", .kind = K::kScalar},
      {.path = "global.auth.oidc.oidcSecret",
       .kind = K::kSection,
       .since = "0.38.0"},
      {.path = "global.auth.oidc.oidcSecret.name", .kind = K::kScalar},
      {.path = "global.auth.oidc.oidcSecret.secretKey",
       .kind = K::kScalar,
       .key_of = "global.auth.oidc.oidcSecret.name"},
      {.path = "global.email.smtp", .kind = K::kSection},
      // Its own values.yaml has references here, on which it fails.
      {.path = "global.email.smtp.host", .kind = K::kScalar, .exact = true},
      {.path = "global.email.smtp.port",
       .kind = K::kText,
       .type = T::kInteger,
       .reference_since = "0.40.0"},
      {.path = "global.email.smtp.user",
       .kind = K::kText,
       .reference_since = "0.40.0"},
      {.path = "global.email.smtp.password",
       .kind = K::kText,
       .secret = true,
       .reference_since = "0.40.0"},
      {.path = "global.email.smtp.mailFrom",
       .kind = K::kText,
       .since = "0.41.6",
       .reference_since = "0.40.0"},
      {.path = "ingress", .kind = K::kSection},
      {.path = "ingress.install", .kind = K::kScalar, .type = T::kBool},
      {.path = "ingress.create", .kind = K::kScalar, .type = T::kBool},
      {.path = "ingress.class", .kind = K::kScalar},
      {.path = "ingress.annotations",
       .kind = K::kMap,
       .members = Members::kAnnotations},
      {.path = "ingress.labels", .kind = K::kMap, .members = Members::kLabels},
      {.path = "ingress.tls", .kind = K::kList, .like = "IngressTls"},
      {.path = "ingress.nameOverride",
       .kind = K::kScalar,
       .form = TextForm::kObjectName},
      {.path = "ingress.defaultBackend",
       .kind = K::kScalar,
       .allowed = "app|console"},
      {.path = "ingress.additionalHosts",
       .kind = K::kList,
       .members = Members::kStrings},
      {.path = "ingress.issuer", .kind = K::kSection},
      {.path = "ingress.issuer.create", .kind = K::kScalar, .type = T::kBool},
      {.path = "ingress.issuer.provider", .kind = K::kScalar},
      {.path = "ingress.issuer.server", .kind = K::kScalar},
      {.path = "ingress.issuer.email", .kind = K::kScalar},
      {.path = "ingress.secondary",
       .kind = K::kSection,
       .like = "SecondIngress"},
      {.path = "ingress.ingressClassName",
       .kind = K::kScalar,
       .until = "0",
       .moved_to = "ingress.class"},
  };
  return {.chart = "0.43.8", .entries = kEntries};
}

CatalogueBlock NewAccess() {
  static constexpr CatalogueEntry kEntries[] = {
      {.path = "global.auth.sessionKey",
       .kind = K::kText,
       .secret = true,
       .since = "0.43.9",
       .reference_since = "0.43.9"},
      {.path = "global.auth.sessionKeyPrevious",
       .kind = K::kText,
       .secret = true,
       .since = "0.43.9",
       .reference_since = "0.43.9"},
      {.path = "global.auth.sessionKeyRolloutId",
       .kind = K::kScalar,
       .since = "0.43.9"},
      {.path = "global.auth.sessionKeyRotation",
       .kind = K::kSection,
       .since = "0.43.9"},
      {.path = "global.auth.sessionKeyRotation.id", .kind = K::kScalar},
      {.path = "global.auth.sessionKeyRotation.phase",
       .kind = K::kScalar,
       .allowed = "prepare|activate|clear|hard-cutover|"},
  };
  return {.chart = "0.44.20", .entries = kEntries};
}

}  // namespace wandb::catalogue
