#include "gateway/flow/access_pack.hpp"

#include <set>

#include "gateway/flow/erasure.hpp"
#include "gateway/flow/payload.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/flow/suppression.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

using record::timestamp_text;

// Everything of one reading of the store.
struct Holdings {
    std::vector<store::RecordRow> records;
    std::vector<std::optional<store::Link>> links;
    std::vector<store::Item> items;
    std::vector<store::DeadLetter> letters;
    std::vector<store::RemoteId> remotes;
    std::vector<store::WithheldRow> withheld;
    std::vector<store::ConsentEventRow> events;
    std::vector<store::Disclosure> disclosures;
    std::vector<store::Attempt> attempts;
    std::vector<store::SubjectMark> marks;
};

constexpr std::size_t kAttemptsShown = 10'000;

Result<Holdings> read_holdings(World& world, const store::PersonUids& people) {
    Holdings all;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto rows, session.records().load(people.records));
        for (auto& row : rows)
            if (row) all.records.push_back(std::move(*row));
        std::vector<Uid> uids;
        for (const auto& row : all.records) uids.push_back(row.header.uid);
        TRY(all.links, session.identity().links_of(uids));
        TRY(all.items, session.person_rows().items(people));
        TRY(const auto letters, session.person_rows().dead_letters(people));
        for (const auto id : letters) {
            TRY(auto letter, session.dead_letters().get(id));
            if (letter) all.letters.push_back(std::move(*letter));
        }
        TRY(all.remotes, session.person_rows().remote_ids(people));
        for (const auto& customer : people.customers) {
            TRY(const auto some, session.withheld().of_customer(customer));
            all.withheld.insert(all.withheld.end(), some.begin(), some.end());
            store::AttemptFilter filter;
            filter.customer = customer;
            TRY(const auto tries, session.attempts().list(filter, 0, kAttemptsShown));
            all.attempts.insert(all.attempts.end(), tries.begin(), tries.end());
        }
        TRY(const auto events, session.consent_events().of(people.subjects));
        for (const auto& some : events) all.events.insert(all.events.end(), some.begin(), some.end());
        for (const auto& subject : people.subjects) {
            TRY(const auto told, session.disclosures().of(subject));
            all.disclosures.insert(all.disclosures.end(), told.begin(), told.end());
        }
        for (const auto kind : {store::MarkKind::held, store::MarkKind::restricted}) {
            TRY(const auto marks, session.subject_marks().of(kind, people.subjects, world.clock.now()));
            all.marks.insert(all.marks.end(), marks.begin(), marks.end());
        }
        return {};
    }));
    return all;
}

class PackWriter {
  public:
    PackWriter(World& world, value::Builder& out) : world_(world), out_(out) {}

    void about(const consent::SubjectRequest& request) {
        out_.key("about").begin_object();
        text("request", request.uid.text());
        text("kind", name_of(request.kind));
        time("received_at", request.received_at);
        time("made_at", world_.clock.now());
        out_.end();
    }

    Result<void> golden(const store::PersonUids& people) {
        out_.key("person").begin_array();
        for (const auto& customer : people.customers) {
            auto whole = load_customer(world_, customer);
            if (!whole && whole.error().fault == Fault::not_found) continue;  // merged away, or nothing opens
            if (!whole) return pass(std::move(whole));
            out_.begin_object().key("customer").text(customer.text());
            out_.key("view").copy(whole->golden.root()).end();
        }
        out_.end();
        return {};
    }

    Result<void> records(const Holdings& all) {
        out_.key("records").begin_array();
        for (std::size_t i = 0; i < all.records.size(); ++i) {
            const auto& row = all.records[i];
            out_.begin_object();
            text("source", row.key.connection);
            text("stream", row.key.stream);
            text("id_there", row.key.external_id);
            text("entity", row.entity);
            time("observed_at", row.observed_at);
            if (row.header.deleted) text("deleted", "yes");
            CHECK_OK(payload(row.header.subject, record_place(row.header.uid), row.clear, row.sealed));
            if (all.links[i]) CHECK_OK(json("counts_as_theirs_because", all.links[i]->evidence));
            out_.end();
        }
        out_.end();
        return {};
    }

    Result<void> queue(const Holdings& all) {
        out_.key("queue").begin_array();
        for (const auto& item : all.items) {
            out_.begin_object();
            text("destination", item.destination);
            text("entity", item.entity);
            text("operation", item.operation);
            time("queued_at", item.created_at);
            CHECK_OK(payload(item.subject, item_place(item.destination, item.record, item.op_key.view()), item.clear,
                             item.sealed));
            out_.end();
        }
        out_.end().key("withheld").begin_array();
        for (const auto& row : all.withheld) {
            out_.begin_object();
            text("destination", row.destination);
            text("entity", row.entity);
            text("purpose", row.purpose);
            text("because", row.reason);
            time("since", row.since);
            out_.end();
        }
        out_.end();
        return {};
    }

    // Broken before they were mapped: the raw text of the source. Broken at a destination: the record.
    Result<void> dead_letters(const Holdings& all) {
        out_.key("dead_letters").begin_array();
        for (const auto& letter : all.letters) {
            out_.begin_object();
            text("stage", letter.stage);
            text("source", letter.connection);
            text("destination", letter.destination);
            text("cause", letter.cause);
            time("failed_at", letter.last_failed_at);
            if (!letter.destination.empty()) {
                CHECK_OK(payload(letter.subject, item_place(letter.destination, letter.record, letter.op_key.view()),
                                 letter.clear, letter.sealed));
            } else {
                const auto place = raw_place(letter.connection, letter.stream, letter.record_key);
                auto raw = world_.subject_keys.open(letter.subject, place, letter.sealed, world_.key_store);
                if (raw)
                    text("raw", *raw);
                else if (raw.error().fault != Fault::not_found)
                    return pass(std::move(raw));
            }
            out_.end();
        }
        out_.end();
        return {};
    }

    Result<void> consents(const Holdings& all) {
        out_.key("consent").begin_array();
        for (const auto& event : all.events) {
            TRY(const auto body, value::parse_json(event.body));
            out_.copy(body.root());
        }
        out_.end();
        return {};
    }

    void disclosures(const Holdings& all) {
        out_.key("recipients").begin_array();
        for (const auto& one : all.disclosures) {
            out_.begin_object();
            text("recipient", one.destination);
            text("purpose", one.purpose);
            text("id_there", one.external_id);
            time("first_sent_at", one.first_sent_at);
            time("last_sent_at", one.last_sent_at);
            out_.end();
        }
        for (const auto& one : all.remotes) {
            out_.begin_object();
            text("recipient", one.connection);
            text("entity", one.entity);
            text("id_there", one.remote_id);
            out_.end();
        }
        out_.end().key("deliveries").begin_array();
        for (const auto& one : all.attempts) {
            out_.begin_object();
            text("recipient", one.destination);
            text("entity", one.entity);
            text("outcome", one.outcome);
            time("at", one.at);
            out_.end();
        }
        out_.end();
    }

    // Of deliveries that could concern them, and of what they agreed to.
    void purposes(const Holdings& all) {
        std::set<std::string> named;
        for (const auto& delivery : world_.deliveries) named.insert(delivery.purpose);
        for (const auto& event : all.events) named.insert(event.purpose);
        out_.key("purposes").begin_array();
        for (const auto& name : named) {
            const auto* purpose = world_.purposes.find(name);
            out_.begin_object();
            text("purpose", name);
            if (purpose) {
                text("title", purpose->title);
                text("lawful_basis", consent::name_of(purpose->lawful_basis));
            }
            out_.end();
        }
        out_.end();
    }

    void retention(const RetentionNotes& notes) {
        out_.key("retention").begin_array();
        for (const auto& [what, keep] : notes) {
            out_.begin_object();
            text("what", what);
            text("kept_for", keep);
            out_.end();
        }
        out_.end();
    }

    void marks(const Holdings& all) {
        out_.key("restrictions").begin_array();
        for (const auto& mark : all.marks) {
            out_.begin_object();
            text("kind", mark.kind == store::MarkKind::held ? "held" : "restricted");
            text("basis", mark.basis);
            time("since", mark.at);
            out_.end();
        }
        out_.end();
    }

  private:
    void text(std::string_view name, std::string_view value) {
        if (!value.empty()) out_.key(name).text(value);
    }
    void time(std::string_view name, Timestamp at) { out_.key(name).text(timestamp_text(at)); }
    Result<void> json(std::string_view name, const std::string& text) {
        TRY(const auto document, value::parse_json(text));
        out_.key(name).copy(document.root());
        return {};
    }
    Result<void> payload(const Uid& subject, const crypto::Place& place, const std::string& clear,
                         const std::string& sealed) {
        auto document = open_payload(world_, subject, place, clear, sealed);
        if (!document && document.error().fault == Fault::not_found) {
            text("note", "its key was destroyed: nobody can read it");
            return {};
        }
        if (!document) return pass(std::move(document));
        out_.key("record").copy(document->root());
        return {};
    }

    World& world_;
    value::Builder& out_;
};

}  // namespace

Result<value::Document> gather_access(World& world, const consent::SubjectRequest& request,
                                      const RetentionNotes& retention) {
    TRY(const auto people, people_of(world, request.customers));
    TRY(const auto all, read_holdings(world, people));
    value::Builder out;
    PackWriter writer(world, out);
    out.begin_object();
    writer.about(request);
    CHECK_OK(writer.golden(people));
    CHECK_OK(writer.records(all));
    CHECK_OK(writer.consents(all));
    writer.disclosures(all);
    writer.purposes(all);
    writer.retention(retention);
    CHECK_OK(writer.queue(all));
    CHECK_OK(writer.dead_letters(all));
    writer.marks(all);
    return out.end().take();
}

std::map<std::string, std::uint64_t> access_counts(value::Node pack) {
    std::map<std::string, std::uint64_t> counts;
    for (auto section : pack)
        if (section.is(value::Kind::array)) counts.emplace(section.key(), section.size());
    return counts;
}

std::vector<value::PackedFile> access_files(consent::RequestKind kind, value::Node pack) {
    std::vector<value::PackedFile> files{{"data.json", value::to_pretty_json(pack) + "\n"},
                                         {"data.csv", access_csv(pack)}};
    if (kind == consent::RequestKind::access) files.push_back({"data.html", access_html(pack)});
    return files;
}

}  // namespace tributary::flow
