// deliveries of gateway.yaml.
#include <algorithm>

#include "gateway/app/config_spec.hpp"

namespace tributary::app {
namespace {

using flow::OnPermanentFailure;

spec::Type<spec::Placed<std::string>> name_type() {
    return spec::placed(spec::text(spec::path_name_rule()));
}

const spec::Type<run::Backoff>& retry_type() {
    using B = run::Backoff;
    using std::chrono::days;
    auto wait = spec::duration(Milliseconds{100}, days{7});
    static const auto type =
        spec::Object<B>("retry", "when a failed delivery is tried again")
            .field("give_up_after", &B::give_up_after, spec::duration(std::chrono::minutes{1}, days{30}),
                   {.summary = "since its first attempt; then it is a dead letter", .fallback = "72h"})
            .field("schedule", &B::steps, spec::list_of(wait, 1, 50),
                   {.summary = "waits after each failure; the last one repeats",
                    .fallback = "[5s, 30s, 2m, 10m, 30m, 1h, 2h, 4h, 8h, 12h]"})
            .type();
    return type;
}

const spec::Type<OnPermanentFailure>& failure_type() {
    static const auto type = spec::choice<OnPermanentFailure>(
        "on_permanent_failure",
        {{"supersede", OnPermanentFailure::supersede, "dead letter; the customer's next change carries the state"},
         {"block", OnPermanentFailure::block, "the customer's changes wait for an operator"},
         {"skip", OnPermanentFailure::skip, "dead letter, and on"}});
    return type;
}

const spec::Type<consent::Channel>& channel_type() {
    using C = consent::Channel;
    static const auto type = spec::choice<C>("channel", {{"email", C::email},
                                                         {"sms", C::sms},
                                                         {"mms", C::mms},
                                                         {"phone", C::phone},
                                                         {"post", C::post},
                                                         {"fax", C::fax},
                                                         {"push", C::push},
                                                         {"chat", C::chat},
                                                         {"social", C::social},
                                                         {"inapp", C::inapp},
                                                         {"any", C::any}});
    return type;
}

}  // namespace

const spec::Type<DeliveryConfig>& describe(spec::Tag<DeliveryConfig>) {
    using D = DeliveryConfig;
    static const auto type =
        spec::Object<D>(
            "delivery",
            "carries the changes of one entity to one destination; a condition stands in its mapping as `skip`")
            .field("name", &D::name, spec::placed(spec::text(spec::name_rule())),
                   {.summary = "unique; stands in the queue, logs and metrics", .example = "erp-customers"})
            .field("to", &D::to, name_type(), {.summary = "the connection that receives"})
            .field("entity", &D::entity, name_type(), {.summary = "of the canonical model", .example = "contact"})
            .field("action", &D::action, name_type(),
                   {.summary = "of the connector; `tributary connector show` lists them", .example = "upsert_partner"})
            .field(
                "mapping", &D::mapping, name_type(),
                {.summary = "turns the canonical record into what the action takes; without it the record itself goes",
                 .example = "odoo/partner.out"})
            .field("purpose", &D::purpose, name_type(),
                   {.summary = "why; consent is asked for it at every attempt", .example = "service.order"})
            .field("channel", &D::channel, channel_type(),
                   {.summary = "how people are contacted by it; any when they are not", .fallback = "any"})
            .field("on_permanent_failure", &D::on_permanent_failure, failure_type(),
                   {.summary = "what becomes of a record that can never succeed", .fallback = "supersede"})
            .field("retry", &D::retry, retry_type(), {.summary = "when it is tried again", .fallback = "{}"})
            .field("batch", &D::batch, spec::integer<std::size_t>(1, 10'000),
                   {.summary = "records in one push; never more than the action takes"})
            .field("deletes", &D::deletes, {.summary = "deletions at the source are carried on", .fallback = "false"})
            .field("pause", &D::pause, {.summary = "records wait in the queue", .fallback = "false"})
            .place(&D::place)
            .example(
                "name: erp-customers\nto: erp\nentity: contact\naction: upsert_partner\nmapping: "
                "odoo/partner.out\npurpose: service.order\n")
            .type();
    return type;
}

}  // namespace tributary::app
