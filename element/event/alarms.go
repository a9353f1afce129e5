package event

import (
	"cmp"
	"slices"
)

func sortAlarms(list []ActiveAlarm) {
	slices.SortFunc(list, func(a, b ActiveAlarm) int { return cmp.Compare(a.Index, b.Index) })
}
