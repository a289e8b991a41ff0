// AlertNotifier: tells people of open alerts, by a signed webhook and by mail. At least once: an alert counts as told
// when every way that is configured took it, and is told again while it goes on, once in `repeat`. Of several gateways
// on one store one tells at a time.
//
// The webhook is a POST of JSON, signed as Standard Webhooks say: webhook-id, webhook-timestamp, and webhook-signature
// "v1," + base64 of HMAC-SHA256 over "id.timestamp.body". The id stays the same over the attempts of one message.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "gateway/flow/duty.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/net/http_client.hpp"
#include "gateway/run/task.hpp"

namespace tributary::flow {

struct AlertWebhook {
    std::string url;
    std::function<Result<std::string>()> secret;  // read for each message, so a rotated one is used at once
    net::HttpOptions options;
};

// An action of a connection that sends mails; it gets the fields of the webhook's body, `to` and `title` besides.
struct MailRoute {
    std::string connection, action;
};

struct NotifierOptions {
    std::string gateway;  // its name
    std::optional<AlertWebhook> webhook;
    std::optional<MailRoute> mail;
    Milliseconds repeat{};
};

class AlertNotifier {
  public:
    AlertNotifier(World& world, net::HttpClient& http, NotifierOptions options)
        : world_(world), http_(http), options_(std::move(options)), duty_(world, "alerts") {}

    // Sends what is due. After a failure nothing is sent for half a minute. On the connectors' executor.
    run::Task<> tell();

  private:
    run::Task<> tell_what_is_due();
    run::Task<Result<void>> post(const store::Alert& alert, const value::Document& body);
    Result<std::vector<store::Alert>> due();

    World& world_;
    net::HttpClient& http_;
    NotifierOptions options_;
    Duty duty_;
    SteadyTime rests_until_{};
};

// Pushes one record to a mail action. `key` makes a repeated push harmless where the server can tell.
run::Task<Result<void>> send_mail(World& world, MailRoute route, value::Document mail, std::string key);

// What webhook and mail say of an alert.
value::Document alert_message(const store::Alert& alert, const std::string& gateway);
// The base64 after "whsec_", or the bytes of the text itself.
std::string webhook_key(std::string_view secret);

}  // namespace tributary::flow
