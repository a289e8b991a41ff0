// CaseRecord: the canonical case that messages of one conversation make, and what each event does to it. Pure.
//
// The whole conversation stands in it, so that the destination can be given its full state at any time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/service/rulebook.hpp"
#include "gateway/value/document.hpp"

namespace tributary::service {

// What stands in a case about one message. Texts are cut to the model's limits.
struct CaseMessage {
    std::string external_id;  // of the interaction, as its connection knows it
    Uid interaction;
    Timestamp at;
    value::Node record;  // the interaction, references resolved. REQUIRES: outlives the call
    // Whether the one who wrote it is the customer whose case it is: somebody else's text is not kept under the
    // customer's key.
    bool same_person = true;
};

// What a stored case is to a message of its conversation.
enum class Standing {
    known,   // the message is in it already
    open,    // takes it in
    closed,  // over, but recent enough to be reopened
    over,    // too long ago, or full: the next case of the conversation
};
Standing standing(value::Node kase, const Uid& interaction, Timestamp at, const Conversation& conversation);

// "C-7F3K2-Q9D5X" from a hash: stable, and said on the telephone without doubt. REQUIRES: at least 7 bytes.
std::string case_number(std::string_view hash);

value::Document open_case(const Rulebook& book, const Judgement& judgement, const CaseMessage& message,
                          std::string number);
// The message joins the case; a closed one is reopened. `verdict` may be null: nothing but the conversation asks for
// it.
value::Document follow_up(const Rulebook& book, value::Node kase, const Judgement& judgement,
                          const CaseMessage& message);
// What the service desk says about our case, once it says something new: status, resolution and when it ended.
std::optional<value::Document> desk_said(value::Node kase, value::Node from_desk, std::string_view connection,
                                         Timestamp at);

}  // namespace tributary::service
