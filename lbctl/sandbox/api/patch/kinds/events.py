"""Event of events.k8s.io (the core group has one of its own).

Written in the notation of `notation.py`.

Source: k8s.io/api/events/v1/types.go (v1.36).
"""

from typing import Final

EVENTS: Final = """
Event
    string  action apiVersion kind note reason reportingController reportingInstance type
    ObjectMeta  metadata!
    time  deprecatedFirstTimestamp? deprecatedLastTimestamp? eventTime?
    EventSeries  series
    ObjectReference  regarding! related
    EventSource  deprecatedSource!
    number  deprecatedCount
EventSeries
    number  count!
    time  lastObservedTime?
"""
