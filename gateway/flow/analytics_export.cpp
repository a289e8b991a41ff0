#include "gateway/flow/analytics_export.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>

#include "gateway/base/hex.hpp"
#include "gateway/consent/k_anonymity.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/flow/consent_gate.hpp"
#include "gateway/flow/payload.hpp"
#include "gateway/flow/people.hpp"
#include "gateway/value/json.hpp"
#include "gateway/vault/blind_index.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kPage = 200;
constexpr std::size_t kGroupDigits = 64;

// One record on its way out, with whom it is about.
struct Row {
    value::Document record;
    value::Document person;     // of another entity than contact: the golden view, where there is one
    std::vector<Uid> subjects;  // of the person
    Uid who;
};

using Take = std::function<Result<void>(std::vector<Row>)>;

Result<void> each_customer(World& world, const Take& take) {
    for (Uid after;;) {
        std::vector<store::Customer> page;
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(page, session.identity().list_customers(after, kPage));
            return {};
        }));
        std::vector<Row> rows;
        for (const auto& one : page) {
            auto customer = load_customer(world, one.uid);
            if (!customer && customer.error().fault == Fault::not_found) continue;  // merged or erased meanwhile
            if (!customer) return pass(std::move(customer));
            if (customer->golden.empty()) continue;
            rows.push_back({std::move(customer->golden), {}, std::move(customer->subjects), one.uid});
        }
        CHECK_OK(take(std::move(rows)));
        if (page.size() < kPage) return {};
        after = page.back().uid;
    }
}

Result<void> each_record(World& world, const std::string& entity, const Take& take) {
    for (std::int64_t after = 0;;) {
        std::vector<store::RecordRow> page;
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(page, session.records().list(entity, after, kPage));
            return {};
        }));
        std::vector<Row> rows;
        for (const auto& one : page) {
            if (one.header.deleted) continue;
            auto record = open_payload(world, one.header.subject, record_place(one.header.uid), one.clear, one.sealed);
            if (!record && record.error().fault == Fault::not_found) continue;  // erased
            if (!record) return pass(std::move(record));
            Row row{std::move(*record), {}, {one.header.subject}, one.header.subject};
            std::optional<store::Link> link;
            if (const auto contact = Uid::parse(row.record.root().find("contact_ref").find("id").text()))
                CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
                    TRY(auto links, session.identity().links_of(std::span(&*contact, 1)));
                    link = std::move(links.front());
                    return {};
                }));
            if (link) {
                auto customer = load_customer(world, link->customer);
                if (!customer && customer.error().fault != Fault::not_found) return pass(std::move(customer));
                if (customer) {
                    row.person = std::move(customer->golden);
                    row.subjects.insert(row.subjects.end(), customer->subjects.begin(), customer->subjects.end());
                    row.who = link->customer;
                }
            }
            rows.push_back(std::move(row));
        }
        CHECK_OK(take(std::move(rows)));
        if (page.size() < kPage) return {};
        after = page.back().header.id;
    }
}

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::unexpected<Error> not_written(const std::filesystem::path& file) {
    return fail(Fault::bad_config, "the export cannot be written", file.string());
}

class Export {
  public:
    Export(World& world, const AnalyticsExport& wanted)
        : world_(world), wanted_(wanted), pseudonyms_(world.ring, vault::Use::analytics), anonymity_(wanted.k) {}

    Result<ExportCounts> write(const std::filesystem::path& file) {
        // Until the sizes of all groups are known the rows lie in a file that has no name and is gone with us.
        auto name = (file.parent_path() / ".draft-XXXXXX").string();
        const int draft = ::mkostemp(name.data(), O_CLOEXEC);
        if (draft >= 0) ::unlink(name.c_str());
        draft_.reset(draft < 0 ? nullptr : ::fdopen(draft, "w+"));
        if (!draft_) return not_written(file);
        const Take take = [this](std::vector<Row> rows) { return gather(std::move(rows)); };
        CHECK_OK(wanted_.entity == "contact" ? each_customer(world_, take) : each_record(world_, wanted_.entity, take));
        counts_.groups = anonymity_.groups();
        counts_.small_groups = anonymity_.small_groups();
        CHECK_OK(finish(file));
        return counts_;
    }

  private:
    Result<void> gather(std::vector<Row> rows) {
        std::vector<Uid> subjects;
        for (const auto& row : rows) subjects.insert(subjects.end(), row.subjects.begin(), row.subjects.end());
        const auto facts = ConsentFacts::load(world_, subjects);
        for (const auto& row : rows) {
            const auto decision =
                facts.decide(world_, DataUse{wanted_.purpose}, row.subjects, {row.record.root(), row.person.root()});
            if (decision.verdict == consent::Verdict::hold) return undecided(decision, "purpose " + wanted_.purpose);
            if (!decision.allowed()) {
                ++counts_.denied[std::string(decision.reason)];
                continue;
            }
            CHECK_OK(keep(row));
        }
        return {};
    }

    Result<void> keep(const Row& row) {
        value::Builder out, group;
        out.begin_object();
        group.begin_array();
        for (const auto& column : wanted_.columns) {
            const auto value = row.record.root().at_path(column.from);
            if (column.pseudonym) {
                const auto text = column.from == "person" ? row.who.text() : value.scalar_text();
                out.key(column.name).text(text.empty() ? "" : pseudonym(column, text));
                continue;
            }
            const bool whole = column.as.kind == record::Generalisation::Kind::none;
            const auto text = record::generalised(column.as, value);
            out.key(column.name);
            if (whole && value)
                out.copy(value);
            else if (!whole && !text.empty())
                out.text(text);
            else
                out.null();
            if (column.quasi) group.text(text);
        }
        const auto line = value::to_json(out.end().take().root());
        const auto key = crypto::sha256(value::to_json(group.end().take().root()));
        CHECK_OK(anonymity_.add(key, row.who));
        const auto draft = to_hex(key.view()) + line + "\n";
        if (std::fwrite(draft.data(), 1, draft.size(), draft_.get()) != draft.size()) return not_written("draft");
        return {};
    }

    // Of one export and column: two exports cannot be joined by their hashes.
    std::string pseudonym(const ExportColumn& column, std::string_view text) const {
        return to_hex(pseudonyms_.of(wanted_.name + ":" + column.name, text).view()).substr(0, 32);
    }

    Result<void> finish(const std::filesystem::path& file) {
        auto unfinished = file;
        unfinished += ".part";
        const int made = ::open(unfinished.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
        File out(made < 0 ? nullptr : ::fdopen(made, "w"));
        if (!out) return not_written(file);
        std::rewind(draft_.get());
        char* line = nullptr;
        std::size_t room = 0;
        bool fine = true;
        for (ssize_t size; fine && (size = ::getline(&line, &room, draft_.get())) > 0;) {
            const std::string_view text(line, static_cast<std::size_t>(size));
            consent::KAnonymity::Group group{};
            const auto bytes = from_hex(text.substr(0, kGroupDigits));
            std::ranges::copy(*bytes, group.begin());
            if (!anonymity_.holds(group)) {
                ++counts_.suppressed;
                continue;
            }
            ++counts_.rows;
            const auto row = text.substr(kGroupDigits);
            fine = std::fwrite(row.data(), 1, row.size(), out.get()) == row.size();
        }
        std::free(line);
        fine = fine && !std::ferror(draft_.get()) && std::fflush(out.get()) == 0 && ::fsync(made) == 0 &&
               ::rename(unfinished.c_str(), file.c_str()) == 0;
        if (fine) return {};
        ::unlink(unfinished.c_str());
        return not_written(file);
    }

    World& world_;
    const AnalyticsExport& wanted_;
    const vault::BlindIndex pseudonyms_;
    consent::KAnonymity anonymity_;
    ExportCounts counts_;
    File draft_;
};

}  // namespace

Result<ExportCounts> write_export(World& world, const AnalyticsExport& wanted, const std::filesystem::path& file) {
    return Export(world, wanted).write(file);
}

}  // namespace tributary::flow
