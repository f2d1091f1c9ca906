// The saved result that the command line named.
"use strict";
new window.Work.Place("work").start("result", {});
