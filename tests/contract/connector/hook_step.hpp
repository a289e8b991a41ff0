// The step of a conversation in which a webhook comes in; `exchange` is what its sender's keys are fetched by:
//
//   - hook: { method: POST, url: "https://gw.example/hooks/crm?x=1", headers: {}, body: {} }    # or text: the raw
//   bytes
//     expect:
//       unavailable: keys_unavailable                 # nothing can be said for now: the sender is to come back
//       refused: signature_mismatch                   # the reason; nothing else is looked at then
//       challenge: { status: 200, body: echo }        # a handshake is answered so, and nothing else is looked at
//       topic: contact.created
//       delivery_id: "7:1"
//       answer: { status: 200, content_type: text/xml, body: words in it }
//       events: [ { stream: contacts, key: "7", thin: true, deleted: false, news: false, record: {} } ]
//       fault: bad_input                              # decoding it ends so
#pragma once

#include "gateway/connector/connector.hpp"

namespace tributary::contract {

// REQUIRES: the connector takes webhooks.
void run_hook(connector::Connector& connector, value::Node step, Timestamp now);

}  // namespace tributary::contract
