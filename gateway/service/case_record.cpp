#include "gateway/service/case_record.hpp"

#include <algorithm>
#include <array>

#include "gateway/record/case_status.hpp"
#include "gateway/record/text.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::service {
namespace {

constexpr std::size_t kMessages = 500;        // of one case; then the conversation goes on in a new one
constexpr std::size_t kFollowUpText = 5'000;  // code points
constexpr std::size_t kDescription = 60'000;  // service desks take 64 KB and less
constexpr std::size_t kHistory = 2'000;
constexpr std::string_view kMore = "\n\n[the conversation goes on]";

std::string cut(std::string_view text, std::size_t count) {
    return std::string(record::first(text, count));
}

std::optional<Timestamp> time_of(value::Node node) {
    return node ? record::parse_timestamp(node.text()) : std::nullopt;
}

// A case opened up for changes; members that a case of ours never has are kept as they are.
class Editor {
  public:
    explicit Editor(value::Node kase) : before_(kase) {}

    void set(std::string_view key, std::string text) { texts_.emplace_back(key, std::move(text)); }
    void set(std::string_view key, Timestamp at) { set(key, record::timestamp_text(at)); }
    void clear(std::string_view key) { gone_.emplace_back(key); }
    void count(std::string_view key) { counted_.emplace_back(key); }
    // `anew`: whatever stood there; else only what is due earlier.
    void due(std::string_view key, const std::optional<Due>& due, Timestamp from, const Calendar& calendar, bool anew) {
        if (!due) return;
        auto at = due_at(*due, from, calendar);
        auto now = time_of(before_.find(key));
        if (anew || !now || at < *now) set(key, at);
    }
    void add_interaction(const CaseMessage& message) { message_ = &message; }
    void add_history(Timestamp at, std::string from, std::string to, std::string by, std::string note) {
        history_ = {record::timestamp_text(at), std::move(from), std::move(to), std::move(by), std::move(note)};
    }
    value::Document take() const {
        value::Builder out;
        out.begin_object();
        for (auto member : before_) {
            auto key = member.key();
            if (!is_changed(key)) out.key(key).copy(member);
        }
        for (const auto& [key, text] : texts_)
            if (!text.empty()) out.key(key).text(text);
        for (const auto& key : counted_) out.key(key).integer(before_.find(key).integer() + 1);
        write_list("interaction_refs", message_ != nullptr, out, [&] {
            out.begin_object().key("entity").text("interaction").key("external_id").text(message_->external_id);
            out.key("id").text(message_->interaction.text()).end();
        });
        write_list("history", !history_[0].empty(), out, [&] {
            constexpr std::array kKeys{"at", "from", "to", "by", "note"};
            out.begin_object();
            for (std::size_t i = 0; i < kKeys.size(); ++i)
                if (!history_[i].empty()) out.key(kKeys[i]).text(history_[i]);
            out.end();
        });
        return out.end().take();
    }

  private:
    bool is_changed(std::string_view key) const {
        auto is = [&](const auto& one) { return one == key; };
        return key == "interaction_refs" || key == "history" || std::ranges::any_of(gone_, is) ||
               std::ranges::any_of(counted_, is) ||
               std::ranges::any_of(texts_, [&](const auto& one) { return one.first == key; });
    }
    template <class F>
    void write_list(std::string_view key, bool more, value::Builder& out, F add) const {
        auto items = before_.find(key);
        if (!more && items.size() == 0) return;
        out.key(key).begin_array();
        // A history is for people: its middle may go.
        std::size_t skip = items.size() >= kHistory ? items.size() - kHistory + 1 : 0, i = 0;
        for (auto item : items)
            if (i++ == 0 || i > skip) out.copy(item);
        if (more) add();
        out.end();
    }

    value::Node before_;
    std::vector<std::pair<std::string, std::string>> texts_;
    std::vector<std::string> gone_, counted_;
    const CaseMessage* message_ = nullptr;
    std::array<std::string, 5> history_;
};

int rank(std::string_view priority) {
    constexpr std::array kOrder{"low", "normal", "high", "urgent"};
    return static_cast<int>(std::ranges::find(kOrder, priority) - kOrder.begin());
}

std::string stamp(Timestamp at) {
    return record::timestamp_text(at).replace(10, 1, " ").substr(0, 16) + " UTC";
}

void note_verdict(const Verdict& verdict, std::string& note) {
    note += "rule " + verdict.rule;
    if (!verdict.because.empty()) note += ": " + verdict.because;
}

std::string with_more(std::string text, std::string_view more) {
    if (text.ends_with(kMore)) return text;
    if (record::length(text) + record::length(more) > kDescription) return text + std::string(kMore);
    return text + std::string(more);
}

void copy_member(value::Node record, std::string_view key, value::Builder& out) {
    if (auto member = record.find(key)) out.key(key).copy(member);
}

}  // namespace

Standing standing(value::Node kase, const Uid& interaction, Timestamp at, const Conversation& conversation) {
    auto messages = kase.find("interaction_refs");
    for (auto one : messages)
        if (one.find("id").text() == interaction.text()) return Standing::known;
    if (messages.size() >= kMessages) return Standing::over;
    if (record::is_open_case_status(kase.find("status").text())) return Standing::open;
    auto last = time_of(kase.find("updated_at")).value_or(at);
    return at > last + conversation.window ? Standing::over : Standing::closed;
}

std::string case_number(std::string_view hash) {
    constexpr std::string_view kSigns = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford: no I, L, O, U
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 7; ++i) bits = bits << 8 | static_cast<unsigned char>(hash[i]);
    std::string number = "C-";
    for (int i = 0; i < 10; ++i) {
        if (i == 5) number += '-';
        number += kSigns[bits >> (51 - 5 * i) & 31];
    }
    return number;
}

value::Document open_case(const Rulebook& book, const Judgement& judgement, const CaseMessage& message,
                          std::string number) {
    const auto& verdict = *judgement.verdict();
    const auto& form = verdict.form;
    std::string note;
    note_verdict(verdict, note);
    auto priority = form.priority;
    // It is one message, so it is one case: what else it fits is told, and lost by nobody.
    if (judgement.privacy && judgement.other) {
        note += "; also ";
        note_verdict(*judgement.other, note);
        if (rank(judgement.other->form.priority) > rank(priority)) priority = judgement.other->form.priority;
    }
    value::Builder out;
    out.begin_object().key("number").text(number).key("kind").text(form.kind);
    if (!form.category.empty()) out.key("category").text(form.category);
    if (form.severity) out.key("severity").integer(*form.severity);
    out.key("priority")
        .text(priority)
        .key("subject")
        .text(judgement.title.empty() ? number : cut(judgement.title, 500));
    if (!judgement.text.empty()) out.key("description").text(judgement.text);
    copy_member(message.record, "contact_ref", out);
    copy_member(message.record, "organisation_ref", out);
    copy_member(message.record, "channel", out);
    copy_member(message.record, "external_url", out);
    out.key("status").text("new").key("opened_at").text(record::timestamp_text(message.at));
    auto due = [&](std::string_view key, const std::optional<Due>& when) {
        if (when) out.key(key).text(record::timestamp_text(due_at(*when, message.at, book.calendar())));
    };
    due("first_response_due", form.first_response);
    due("resolve_due", form.resolve);
    if (!form.policy.empty()) out.key("sla").begin_object().key("policy").text(form.policy).end();
    if (!form.tags.empty()) {
        out.key("tags").begin_array();
        for (const auto& tag : form.tags) out.text(tag);
        out.end();
    }
    out.key("updated_at").text(record::timestamp_text(message.at)).end();
    auto bare = out.take();
    Editor editor(bare.root());
    editor.add_interaction(message);
    editor.add_history(message.at, {}, "new", "service rules", std::move(note));
    return editor.take();
}

value::Document follow_up(const Rulebook& book, value::Node kase, const Judgement& judgement,
                          const CaseMessage& message) {
    Editor editor(kase);
    editor.add_interaction(message);
    std::string status(kase.find("status").text()), next = status;
    if (!record::is_open_case_status(status)) {
        next = "reopened";
        editor.set("status", next);
        editor.count("reopened_count");
        editor.clear("resolved_at");
        editor.clear("closed_at");
        editor.clear("first_response_at");
    }
    auto opened = time_of(kase.find("opened_at"));
    if (opened && message.at < *opened) editor.set("opened_at", message.at);
    auto last = time_of(kase.find("updated_at"));
    if (!last || message.at > *last) editor.set("updated_at", message.at);
    std::string note = message.same_person ? "the customer wrote again" : "somebody else wrote in this conversation";
    bool of_privacy = kase.find("kind").text() == "privacy_request";
    const auto* verdict = judgement.privacy && of_privacy ? &*judgement.privacy
                          : judgement.other               ? &*judgement.other
                                                          : judgement.verdict();
    if (verdict) {
        note += "; ";
        note_verdict(*verdict, note);
        if (rank(verdict->form.priority) > rank(kase.find("priority").text()))
            editor.set("priority", verdict->form.priority);
        if (of_privacy == (verdict->form.kind == "privacy_request")) {
            bool anew = status != next;  // a reopened case has its times before it again
            editor.due("first_response_due", verdict->form.first_response, message.at, book.calendar(), anew);
            editor.due("resolve_due", verdict->form.resolve, message.at, book.calendar(), anew);
        }
    }
    if (message.same_person && !judgement.text.empty())
        editor.set("description",
                   with_more(std::string(kase.find("description").text()),
                             "\n\n--- " + stamp(message.at) + " ---\n" + cut(judgement.text, kFollowUpText)));
    editor.add_history(message.at, status == next ? "" : status, status == next ? "" : next, "service rules",
                       std::move(note));
    return editor.take();
}

std::optional<value::Document> desk_said(value::Node kase, value::Node from_desk, std::string_view connection,
                                         Timestamp at) {
    std::string before(kase.find("status").text()), now(from_desk.find("status").text());
    // Desks know fewer words: what is merely open over there tells nothing new about a case that is open here.
    auto untouched = [](std::string_view status) {
        return status == "new" || status == "open" || status == "reopened";
    };
    bool same = now.empty() || now == before || (untouched(before) && untouched(now));
    auto resolution = from_desk.find("resolution");
    bool solved = resolution && resolution.text() != kase.find("resolution").text();
    if (same && !solved) return std::nullopt;
    Editor editor(kase);
    if (!same) {
        editor.set("status", now);
        bool open = record::is_open_case_status(now);
        for (auto key : {"resolved_at", "closed_at"}) {
            auto said = time_of(from_desk.find(key));
            bool due = std::string_view(key) == "closed_at" ? now != "resolved" : true;
            if (open)
                editor.clear(key);
            else if (said || (due && !kase.find(key)))
                editor.set(key, said.value_or(at));
        }
    }
    if (solved) editor.set("resolution", std::string(resolution.text()));
    editor.add_history(at, same ? "" : before, same ? "" : now, std::string(connection), same ? "resolution" : "");
    return editor.take();
}

}  // namespace tributary::service
