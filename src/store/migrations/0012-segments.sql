-- Windows of segments are many, and are forgotten sooner than those of the whole.
CREATE INDEX results_of_segments ON results (window_end) WHERE segment <> '';
