-- step 35: turns of the gate
CREATE SEQUENCE @schema@.gate_turn;
COMMENT ON SEQUENCE @schema@.gate_turn IS 'counts who had the gate for itself: an import looks again if somebody did since its look';
