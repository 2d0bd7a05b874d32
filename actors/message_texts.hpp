#pragma once

namespace tickcast::actors {

/// Teaches traces what the house's messages say. Once, before actors run.
void teach_message_texts();

}  // namespace tickcast::actors
