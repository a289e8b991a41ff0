// The campaigns below the process: power loss, full disk, broken disk, damaged files.
//   disk_campaign [--seed N] [--full] [power_loss|disk_full|disk_errors|damage|upgrade ...]
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/fault/disk/place.hpp"

int main(int count, char** arguments) {
    using namespace tributary::disk;
    const std::map<std::string, std::function<void(const Campaign&, Verdict&)>> all{{"power_loss", power_loss},
                                                                                    {"disk_full", disk_full},
                                                                                    {"disk_errors", disk_errors},
                                                                                    {"damage", damage},
                                                                                    {"upgrade", upgrade}};
    Campaign campaign;
    std::vector<std::string> chosen;
    for (int i = 1; i < count; ++i) {
        const std::string argument = arguments[i];
        if (argument == "--full")
            campaign.full = true;
        else if (argument == "--seed" && i + 1 < count)
            campaign.seed = std::strtoull(arguments[++i], nullptr, 10);
        else if (all.contains(argument))
            chosen.push_back(argument);
        else {
            std::fprintf(stderr, "unknown argument '%s': --seed N, --full, or a campaign\n", argument.c_str());
            return 2;
        }
    }
    Verdict verdict;
    for (const auto& [name, run] : all)
        if (chosen.empty() || std::ranges::find(chosen, name) != chosen.end()) run(campaign, verdict);
    return verdict.exit_code();
}
