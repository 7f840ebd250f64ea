-- The filters of waiting entries are made in another way, and again from the pages when a run is loaded without one.
UPDATE runs SET bloom = x'', seal = NULL WHERE state = 'complete';
