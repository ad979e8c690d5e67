package raw

import (
	"testing"
	"unsafe"
)

func TestAConstantPrintsAsItsNameAndParsesWithAndWithoutThePrefix(t *testing.T) {
	if text := Bucket(BucketPostAdd).String(); text != "POST_ADD" {
		t.Error(text)
	}
	for _, text := range []string{"POST_ADD", "AC_BUCKET_POST_ADD"} {
		if value, err := ParseBucket(text); err != nil || value != BucketPostAdd {
			t.Error(text, value, err)
		}
	}
	for _, text := range []string{"post_add", "", "AC_LIST_PRIMARY"} {
		if value, err := ParseBucket(text); err == nil {
			t.Error(text, value)
		}
	}
}

func TestAnUnknownValuePrintsAsANumberAndIsNotValid(t *testing.T) {
	if text := Bucket(9).String(); text != "9" || Bucket(9).Valid() {
		t.Error(text)
	}
	if text := Status(-7777).String(); text != "-7777" {
		t.Error(text)
	}
	if !Bucket(BucketFlat).Valid() {
		t.Error("FLAT is not valid")
	}
}

func TestFlagsCombine(t *testing.T) {
	both := SpawnFlag(SpawnStarted | SpawnStopped)
	if text := both.String(); text != "STARTED|STOPPED" || !both.Valid() {
		t.Error(text)
	}
	if value, err := ParseSpawnFlag("STARTED|AC_SPAWN_STOPPED"); err != nil || value != both {
		t.Error(value, err)
	}
	if value, err := ParseSpawnFlag("0"); err != nil || value != 0 || !value.Valid() {
		t.Error(value, err)
	}
	if text := SpawnFlag(1<<31 | 1).String(); text != "2147483649" || SpawnFlag(1<<31|1).Valid() {
		t.Error(text)
	}
}

func TestEveryStatusHasTheLibrarysName(t *testing.T) {
	for _, row := range statusNames.rows {
		var name Text
		if status := StatusText(row.value, &name, nil); status != Ok {
			t.Fatal(row.name, status)
		}
		if theirs := unsafe.String(name.Data, name.Size); theirs != "AC_"+row.name {
			t.Error(theirs, row.name)
		}
	}
}

func TestTheVersionIsTheLibrarys(t *testing.T) {
	if Version() != APIVersion {
		t.Error(Version())
	}
}

// A struct that the library fills may lie within an object of the caller's that holds Go pointers.
func TestACallFillsAPartOfAGoObjectAndDoesNotAllocate(t *testing.T) {
	holder := &struct {
		text  *string
		name  Text
		error Error
	}{text: new(string)}
	calls := func() {
		if status := StatusText(EStale, &holder.name, nil); status != Ok {
			t.Fatal(status)
		}
		var local Text
		if status := StatusText(EStale, &local, nil); status != Ok || local != holder.name {
			t.Fatal(status)
		}
		var actor Actor
		if status := SystemFind(System{}, Text{unsafe.SliceData([]byte{1}), 1}, &actor); status != ENoHandle {
			t.Fatal(status)
		}
	}
	if allocated := testing.AllocsPerRun(100, calls); allocated != 0 {
		t.Errorf("%v allocations a run", allocated)
	}
}
