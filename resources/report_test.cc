#include "resources/report.h"

#include "base/http/transport.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/ssa/replaced.h"
#include "tests/support/certificates.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_replies.h"
#include "tests/support/fake_session.h"
#include "tests/support/tls_server.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

support::FakeSession WithClient() {
  return support::FakeSession(
      std::shared_ptr<kube::Client>(std::make_shared<support::FakeClient>()));
}

std::string Explained(const absl::Status& status) {
  return Explain(status, WithClient(), wandb::Scrubber({"hunter2"}));
}

TEST(ExplainTest, NamesEndpointAndHidesSecrets) {
  EXPECT_THAT(
      Explained(absl::InternalError("it said hunter2 twice")),
      AllOf(HasSubstr("it said (sensitive) twice"), Not(HasSubstr("hunter2")),
            HasSubstr("https://cluster.test")));
}

TEST(ExplainTest, WhoGrantsMoreThanHeHasIsToldTheVerbs) {
  const kube::ObjectRef role = {"rbac.authorization.k8s.io", "v1",
                                "clusterroles", "", "r"};
  EXPECT_THAT(Explained(support::Reply(
                  "PATCH", role, 403,
                  support::StatusBody("Forbidden",
                                      "user \"u\" is attempting to grant RBAC "
                                      "permissions not currently held:\n{}",
                                      {}))),
              HasSubstr("the verbs escalate and bind on roles and"));
}

TEST(ExplainTest, WhatIsForbiddenForAnotherReasonIsNoMissingRight) {
  const kube::ObjectRef secret = kube::SecretRef("ns", "s");
  const auto said = [&](const std::string& message, const Json& details) {
    return Explained(
        support::Reply("PATCH", secret, 403,
                       support::StatusBody("Forbidden", message, details)));
  };
  EXPECT_THAT(said("secrets \"s\" is forbidden: exceeded quota: q, requested: "
                   "secrets=1, used: secrets=5, limited: secrets=5",
                   Json::object()),
              AllOf(HasSubstr("A ResourceQuota of the namespace is used up"),
                    Not(HasSubstr("Grant it"))));
  EXPECT_THAT(
      said("admission webhook \"x\" denied the request: no", Json::object()),
      AllOf(HasSubstr("No right is missing"), Not(HasSubstr("Grant it"))));
  EXPECT_THAT(
      said("forbidden: unable to create new content in namespace ns because it "
           "is being terminated",
           {{"causes", {{{"reason", "NamespaceTerminating"}}}}}),
      AllOf(HasSubstr("The namespace is being deleted"),
            Not(HasSubstr("Grant it"))));
}

TEST(ExplainTest, NextStepFitsTheCode) {
  EXPECT_THAT(Explained(absl::PermissionDeniedError("x")), HasSubstr("Role"));
  EXPECT_THAT(Explained(absl::UnauthenticatedError("x")), HasSubstr("token"));
  EXPECT_THAT(Explained(absl::UnavailableError("x")), HasSubstr("reachable"));
  EXPECT_THAT(Explained(absl::CancelledError("x")), HasSubstr("interrupted"));
  EXPECT_THAT(Explained(absl::DeadlineExceededError("x")),
              HasSubstr("timeouts"));
}

// Who answered is reachable.
TEST(ExplainTest, AnUntrustedServerIsNotSaidToBeUnreachable) {
  const support::TlsServer server(support::MakeCertificate());
  const auto failure =
      http::NewTransport({})->Send({}, {.url = server.url()}).status();
  ASSERT_TRUE(http::CertificateProblemOf(failure).has_value()) << failure;
  EXPECT_THAT(Explained(failure),
              AllOf(HasSubstr("cannot trust"), Not(HasSubstr("reachable"))));
}

// "Apply again" after a destroy would make anew what was to go.
TEST(ExplainTest, WhatToRepeatIsTheCommandAndNoOther) {
  EXPECT_THAT(Explained(absl::CancelledError("x")),
              AllOf(HasSubstr("Run the same command again"),
                    Not(HasSubstr("pply again"))));
}

TEST(ExplainTest, HidesBeforeItCuts) {
  const std::string prefix(3070, 'x');
  const std::string text = Explained(absl::InternalError(
      prefix + "hunter2" + std::string(5000, 'y') + " (what was noted)"));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("xh")), HasSubstr("(what was noted)")));
  EXPECT_LT(text.size(), 5000U);
}

absl::Status Refused(int code, const std::string& reason,
                     const std::string& message) {
  return kube::StatusOfReply(
      {.method = "PATCH",
       .path = "/api/v1/namespaces/n/configmaps/x",
       .http_code = code,
       .body = base::DumpJson(support::StatusBody(reason, message, {})),
       .audit_id = "audit-1",
       .ref = kube::ConfigMapRef("n", "x")});
}

TEST(ExplainTest, TheCauseGoesFirstAndTheRequestLast) {
  EXPECT_EQ(Explained(Refused(422, "Invalid", "x is too long")),
            "x is too long\n\n"
            "PATCH /api/v1/namespaces/n/configmaps/x: HTTP 422 Invalid\n"
            "API server: https://cluster.test\nAudit-Id: audit-1");
  EXPECT_THAT(Explained(Refused(403, "Forbidden", "you may not")),
              AllOf(StartsWith("you may not\n\nThe identity that"),
                    EndsWith("Audit-Id: audit-1")));
}

TEST(ExplainTest, ARefusedReadIsToldTheRuleThatGrantsIt) {
  const auto refused = [](const std::string& path, const kube::ObjectRef& ref) {
    return kube::StatusOfReply(
        {.method = "GET",
         .path = path,
         .http_code = 403,
         .body = base::DumpJson(support::StatusBody("Forbidden", "no", {})),
         .ref = ref});
  };
  EXPECT_THAT(Explained(refused("/x", kube::SecretRef("n", "s"))),
              HasSubstr("may not get secrets in namespace \"n\". This rule of "
                        "a Role in namespace \"n\" grants it: {apiGroups: "
                        "[\"\"], resources: [secrets], resourceNames: [s], "
                        "verbs: [get]}."));
  EXPECT_THAT(Explained(refused("/x", kube::DeploymentRef("", ""))),
              HasSubstr("may not list deployments. This rule of a ClusterRole "
                        "grants it: {apiGroups: [\"apps\"], resources: "
                        "[deployments], verbs: [list]}."));
  EXPECT_THAT(Explained(refused("/a/pods/p/log",
                                kube::ObjectIn(kube::PodsIn("n"), "p"))),
              HasSubstr("resources: [pods/log]"));
}

// A webhook's refusal may quote what it refuses.
TEST(ExplainTest, AMessageThatQuotesTheSpecificationKeepsTheRequest) {
  EXPECT_THAT(
      Explained(Refused(400, "BadRequest", R"(denied: {"spec":{"a":"b"}})")),
      AllOf(Not(HasSubstr("denied")), HasSubstr("quotes the specification"),
            HasSubstr("PATCH /api/v1/namespaces/n/configmaps/x: HTTP 400 "
                      "BadRequest")));
}

TEST(ExplainTest, TimeIsTheCauseOnlyWhereNothingElseFailed) {
  const absl::Status busy =
      kube::WithNote(Refused(503, "ServiceUnavailable", "draining"),
                     absl::StatusCode::kDeadlineExceeded, "timed out");
  EXPECT_THAT(Explained(busy),
              AllOf(Not(HasSubstr("timeouts")), HasSubstr("reachable")));
  // No timeouts block gives a read its time.
  EXPECT_THAT(Explained(OfFixedTime(absl::DeadlineExceededError("x"))),
              AllOf(Not(HasSubstr("timeouts")), HasSubstr("reachable")));
}

TEST(ExplainTest, MissingKindPointsToTheOperator) {
  EXPECT_THAT(
      Explained(support::Reply(
          "GET", {"apps.wandb.com", "v1", "weightsandbiases", "ns", "x"}, 404,
          "404 page not found\n")),
      HasSubstr("wandb_operator"));
}

TEST(ExplainTest, MissingNamespacePointsToItsAttribute) {
  EXPECT_THAT(
      Explained(support::Reply(
          "PATCH", kube::ConfigMapRef("ns", "x"), 404,
          support::StatusBody("NotFound", "namespaces \"ns\" not found",
                              {{"name", "ns"}, {"kind", "namespaces"}}))),
      HasSubstr("create_namespace"));
}

TEST(ExplainTest, AnObjectThatWasReplacedComesWithWhatToDo) {
  const kube::ObjectRef ref = kube::ConfigMapRef("ns", "x");
  EXPECT_THAT(Explained(ssa::GoneStatus(ref, "u1")),
              AllOf(HasSubstr("was deleted meanwhile"), HasSubstr("Plan again"),
                    Not(HasSubstr("state rm"))));
  EXPECT_THAT(
      Explained(
          ssa::ReplacedStatus(ref, "u1", {{"metadata", {{"uid", "u2"}}}})),
      AllOf(HasSubstr("its uid was u1 and is u2 now"), HasSubstr("state rm")));
}

TEST(ExplainTest, ConflictListsFieldsAndOwners) {
  const base::Json causes = {{{"reason", "FieldManagerConflict"},
                              {"message", "conflict with \"helm\""},
                              {"field", ".spec.replicas"}}};
  EXPECT_THAT(Explained(support::Conflict(
                  "PATCH", kube::DeploymentRef("n", "x"), causes, false)),
              AllOf(HasSubstr(".spec.replicas"), HasSubstr("\"helm\"")));
}

TEST(ReportTest, StatusBecomesAnErrorWithTheSummary) {
  tf::Diagnostics diags;
  ReportStatus("Cannot do it", absl::InternalError("why"), WithClient(),
               wandb::Scrubber(), diags);
  ASSERT_THAT(diags.items(), SizeIs(1));
  EXPECT_EQ(diags.items()[0].severity, tf::Severity::kError);
  EXPECT_EQ(diags.items()[0].summary, "Cannot do it");
  EXPECT_THAT(diags.items()[0].detail, HasSubstr("why"));
}

TEST(ReportTest, ServersWarningsAreScrubbedWarnings) {
  tf::Diagnostics diags;
  ReportWarnings({"hunter2 is weak", "deprecated"}, WithClient(),
                 wandb::Scrubber({"hunter2"}), diags);
  ASSERT_THAT(diags.items(), SizeIs(2));
  EXPECT_FALSE(diags.HasError());
  EXPECT_EQ(diags.items()[0].detail, "(sensitive) is weak");
}

// Whoever holds them: the server quotes what is stored.
TEST(ReportTest, SecretsThatTheSessionReadAreHidden) {
  const support::FakeSession session = WithClient();
  session.secrets()->Add({"other&secret"});
  tf::Diagnostics diags;
  ReportWarnings({R"(stores "other\u0026secret")"}, session, wandb::Scrubber(),
                 diags);
  ReportStatus("no", Refused(422, "Invalid", "Invalid value: other&secret"),
               session, wandb::Scrubber(), diags);
  EXPECT_EQ(diags.items()[0].detail, "stores \"(sensitive)\"");
  ReportStatus("no",
               kube::StatusOfReply({.method = "GET",
                                    .path = "/api",
                                    .http_code = 500,
                                    .audit_id = "echo other&secret"}),
               session, wandb::Scrubber(), diags);
  EXPECT_THAT(diags.items()[2].detail, EndsWith("Audit-Id: echo (sensitive)"));
  EXPECT_THAT(diags.items()[1].detail,
              StartsWith("Invalid value: (sensitive)"));
}

TEST(ImportBlockTest, IsHclWhateverTheIdIs) {
  EXPECT_EQ(
      ImportBlock("wandb_instance", "default/wandb"),
      "import {\n  to = wandb_instance.NAME\n  id = \"default/wandb\"\n}");
  EXPECT_EQ(HclText("a\"b\\c\n${d}%{e}\b"), R"("a\"b\\c\n$${d}%%{e}\u0008")");
}

}  // namespace
}  // namespace resources
