# In a namespace that admits pods of the level "restricted" of Pod Security alone.
resource "wandb_operator" "restricted" {
  namespace = "wandb-restricted"
  name      = "restricted"
  namespace_labels = {
    "pod-security.kubernetes.io/enforce" = "restricted"
  }
  pod_security_context = {
    run_as_non_root = true
    seccomp_profile = { type = "RuntimeDefault" }
  }
  security_context = {
    allow_privilege_escalation = false
    capabilities               = { drop = ["ALL"] }
  }
}
