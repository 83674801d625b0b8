insert into outra values ('this one is not closed);
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (1,'Comes in all the same','<p>x</p>','A','um');
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (2,'Its own title is not closed,'<p>x</p>','A','dois');
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (3,'After it','<p>x</p>','A','tres');
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (4,'The row is not closed','<p>x</p>','A','quatro';
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (5,'The last','<p>x</p>','A','cinco');
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (6,'<p>never closed
</p>
